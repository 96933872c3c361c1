import { backOffMs } from '../endpoint/back-off.js';
import { hearHeads, type NoticeLoss } from './head-connection.js';
import { HeadRhythm } from './head-rhythm.js';
import { pause } from '../endpoint/pause.js';

export interface NewHeadsOptions {
  /** A ws or wss endpoint. */
  readonly url: string;
  readonly signal: AbortSignal;
  /** Called for every notice of a new head. It is a hint and no more: what it says is not read. */
  readonly notify: () => void;
  /** Called when notices may be missed from now on, once until they come again. A look at the head is due. */
  readonly lost: (reason: NoticeLoss) => void;
  /** Called when notices come again. */
  readonly back?: () => void;
  readonly timing?: Partial<NewHeadsTiming>;
  /** Milliseconds; only differences count. */
  readonly clock?: () => number;
  /** From 0 to 1. */
  readonly random?: () => number;
}

/** All in milliseconds. */
export interface NewHeadsTiming {
  /** Until the subscription must be there. Default 10 s. */
  readonly attemptMs: number;
  /** Pauses between connections double from the first, 0.5 s, to the longest, 30 s, with jitter. */
  readonly firstPauseMs: number;
  readonly longestPauseMs: number;
  /** A silence of three times the usual pause between two notices is a fault, within 2 s and 60 s. */
  readonly leastSilenceMs: number;
  readonly mostSilenceMs: number;
}

const defaultTiming: NewHeadsTiming = {
  attemptMs: 10_000,
  firstPauseMs: 500,
  longestPauseMs: 30_000,
  leastSilenceMs: 2_000,
  mostSilenceMs: 60_000,
};

/** Listens for new heads until the signal aborts, over one connection after the other. */
export function followNewHeads(options: NewHeadsOptions): void {
  void follow(options);
}

async function follow(options: NewHeadsOptions): Promise<void> {
  const { url, signal, clock = (): number => performance.now(), random = Math.random } = options;
  const timing = { ...defaultTiming, ...options.timing };
  const rhythm = new HeadRhythm({ leastMs: timing.leastSilenceMs, mostMs: timing.mostSilenceMs });
  const standing = new Standing(options);
  const noticed = (): void => {
    rhythm.noticed(clock());
    standing.noticed();
  };
  const subscribed = (): void => {
    standing.subscribed();
  };
  const connection = {
    url,
    signal,
    attemptMs: timing.attemptMs,
    silenceMs: () => rhythm.silenceMs,
    subscribed,
    noticed,
  };
  const pauses = { firstMs: timing.firstPauseMs, longestMs: timing.longestPauseMs };
  while (!signal.aborted) {
    rhythm.interrupted();
    const reason = await hearHeads(connection);
    // eslint-disable-next-line @typescript-eslint/no-unnecessary-condition -- the signal may abort in between
    if (signal.aborted) return;
    await pause(backOffMs(standing.ended(reason), pauses, random()), signal);
  }
}

/** Says every change once. */
class Standing {
  readonly #options: NewHeadsOptions;
  #loss: NoticeLoss | null = null;
  /** Connections in a row over which no notice came. */
  #failures = 0;

  constructor(options: NewHeadsOptions) {
    this.#options = options;
  }

  noticed(): void {
    this.#failures = 0;
    this.#back();
    this.#options.notify();
  }

  /** After a silence only a notice shows that notices come again. */
  subscribed(): void {
    if (this.#loss === 'disconnected') this.#back();
  }

  /** Gives the failures so far. */
  ended(reason: NoticeLoss): number {
    if (this.#loss === null) this.#options.lost(reason);
    this.#loss ??= reason;
    this.#failures += 1;
    return this.#failures;
  }

  #back(): void {
    if (this.#loss !== null) this.#options.back?.();
    this.#loss = null;
  }
}

import type { DeploymentIdentity } from './deployment-identity.js';
import { Endpoint } from './endpoint.js';
import { GuardedEndpoint } from './guarded-endpoint.js';
import { HeadMemory } from './head-memory.js';
import { pause } from './pause.js';
import { mayFitInHalves, RpcError, type RpcErrorKind } from './rpc-error.js';
import type { ObserveRpc } from './rpc-events.js';
import type { EndpointOptions } from './rpc-transport.js';
import { WrongDeploymentError } from './wrong-deployment.js';

export type EndpointPoolOptions = EndpointOptions;

export interface RunOptions {
  /** Labels of endpoints that are not asked unless no other one answers. */
  readonly except?: readonly string[];
}

/** What every endpoint would say the like of; a smaller range is the answer. */
const sameEverywhere: readonly RpcErrorKind[] = ['too-wide', 'too-dense', 'too-large'];
/** What a second try may mend once the endpoint may be asked again. */
const mendedByTime: readonly RpcErrorKind[] = ['unreachable', 'rate-limited', 'malformed'];
const rounds = 3;
/** A task waits so long for an endpoint that is left alone; who asked may have better things to do. */
const patienceMs = 2_000;
/** An endpoint is kept to unless another one is better by so much: a node's answers agree with each other best. */
const preference = 0.2;
/** So often the others are asked for the head as well. */
const hearingMs = 5_000;

/** Several endpoints of one chain. The one that answered last is asked first, unless another one does better. */
export class EndpointPool {
  /** Says what happens at the endpoints. */
  readonly observe: ObserveRpc;
  /** Ends every call. */
  readonly signal: AbortSignal | undefined;
  readonly #members: readonly GuardedEndpoint[];
  readonly #heads: Readonly<Record<'latest' | 'finalized', HeadMemory>>;
  readonly #clock: () => number;
  #preferred: string | null = null;
  #heardAt = -Infinity;

  /** @param urls as configured: a label is the place among all of them, of which those over HTTP are asked */
  constructor(urls: readonly string[], options: EndpointPoolOptions = {}) {
    const { observe = (): void => undefined, clock = (): number => performance.now(), signal } = options;
    this.observe = observe;
    this.signal = signal;
    this.#clock = clock;
    this.#heads = { latest: new HeadMemory(clock), finalized: new HeadMemory(clock) };
    this.#members = urls.flatMap((url, index) => {
      if (!/^https?:/.test(url)) return [];
      const endpoint = new Endpoint(url, `endpoint-${index + 1}`, options);
      return [new GuardedEndpoint(endpoint, { clock, observe })];
    });
  }

  /** How many endpoints there are, in use or not. */
  get size(): number {
    return this.#members.length;
  }

  /**
   * From now on every endpoint must show this deployment. Checks all of them; rejects unless one is right, with a
   * {@link WrongDeploymentError} where one is wrong.
   */
  async guard(identity: DeploymentIdentity): Promise<void> {
    for (const member of this.#members) member.guard(identity);
    const shown = await Promise.allSettled(this.#members.map(({ endpoint }) => identity.read(endpoint)));
    const failures: unknown[] = [];
    // In the order of the configuration: where they differ in what nobody has told us, the first one is believed.
    for (const [index, member] of this.#members.entries()) {
      const answer = shown[index];
      try {
        if (answer?.status === 'fulfilled') member.settle(identity, answer.value);
        else failures.push(answer?.reason);
      } catch (error) {
        failures.push(error);
      }
    }
    if (failures.length < this.size) return;
    throw failures.find((failure) => failure instanceof WrongDeploymentError) ?? failures[0];
  }

  /**
   * The block that a tag names. An endpoint that shows a lower one than was seen before is believed only where no other
   * one knows better: a node that lags must not turn the clock back.
   */
  async head<B extends { readonly number: number }>(
    tag: 'latest' | 'finalized',
    read: (endpoint: Endpoint) => Promise<B>,
  ): Promise<B> {
    const memory = this.#heads[tag];
    const asked: string[] = [];
    let best: HeadAnswer<B> | null = null;
    let failure: unknown = new RpcError('unknown-block', 'eth_getBlockByNumber', `no endpoint has the ${tag} block`);
    while (asked.length < this.size) {
      const answer = await this.#headElsewhere(read, asked).catch((error: unknown) => {
        if (best === null) throw error;
        failure = error;
        return null;
      });
      if (answer === null) break;
      asked.push(answer.label);
      if (best === null || answer.block.number > best.block.number) best = answer;
      if (!memory.saw(answer.label, answer.block.number)) continue;
      this.#preferred = answer.label;
      this.#hearOthers(tag, read, answer.label);
      return answer.block;
    }
    if (best === null || !memory.mayGoBack(asked)) throw failure;
    memory.wentBack(best.label, best.block.number);
    return best.block;
  }

  /**
   * An endpoint that lags shows the same head again and again, and so does one of a quiet chain: what the others show
   * tells which. Nobody waits for them; what they show counts from the next time on.
   */
  #hearOthers<B extends { readonly number: number }>(
    tag: 'latest' | 'finalized',
    read: (endpoint: Endpoint) => Promise<B>,
    label: string,
  ): void {
    if (tag === 'finalized' || this.size === 1 || this.#clock() - this.#heardAt < hearingMs) return;
    this.#heardAt = this.#clock();
    this.#headElsewhere(read, [label]).then(
      (answer) => answer !== null && this.#heads[tag].saw(answer.label, answer.block.number),
      () => undefined,
    );
  }

  /** Null where no endpoint answers but those that were asked. */
  async #headElsewhere<B>(
    read: (endpoint: Endpoint) => Promise<B>,
    asked: readonly string[],
  ): Promise<HeadAnswer<B> | null> {
    const ask = async (endpoint: Endpoint): Promise<HeadAnswer<B>> => ({
      label: endpoint.label,
      block: await read(endpoint),
    });
    const answer = await this.run(ask, { except: asked });
    return asked.includes(answer.label) ? null : answer;
  }

  /**
   * Runs the task on one endpoint after the other until one succeeds, so that all its calls see the same node.
   * An answer that the range must shrink for is given back at once: every endpoint would say the like. Rejects with an
   * {@link RpcError}, or with a {@link WrongDeploymentError} where no endpoint shows the right deployment.
   */
  async run<T>(task: (endpoint: Endpoint) => Promise<T>, { except = [] }: RunOptions = {}): Promise<T> {
    await this.#probe();
    let failure: Error | null = null;
    for (let round = 1; ; round += 1) {
      const candidates = this.#candidates(except, round);
      const outcome: Outcome<T> = await this.#ask(candidates, task, failure);
      if (outcome.kind === 'done') {
        if (except.length === 0) this.#preferred = outcome.label;
        return outcome.value;
      }
      failure = outcome.failure;
      const waitMs = Math.min(...candidates.map(({ endpoint }) => endpoint.health.waitMs));
      if (round === rounds || waitMs > patienceMs || !outcome.again) throw failure ?? this.#nobody(waitMs);
      // Timers cut off fractions.
      await pause(Math.ceil(waitMs) + 1, this.signal);
    }
  }

  async #ask<T>(
    members: readonly GuardedEndpoint[],
    task: (endpoint: Endpoint) => Promise<T>,
    known: Error | null,
  ): Promise<Outcome<T>> {
    let failure = known;
    // Whoever woke a moment too early has asked nobody and tries once more.
    let again = true;
    const ready = members.filter(({ setAside, endpoint }) => setAside === null && endpoint.health.waitMs === 0);
    for (const [index, member] of ready.entries()) {
      const outcome = await this.#askOne(member, task);
      if (outcome.kind === 'done') return outcome;
      failure = weightier(failure, outcome.failure);
      again = (again && index > 0) || outcome.again;
      if (failure instanceof RpcError && sameEverywhere.includes(failure.kind)) break;
    }
    return { kind: 'failed', failure, again };
  }

  /** Another node may have answered than the one that was checked, where a connection was lost in between. */
  async #askOne<T>(member: GuardedEndpoint, task: (endpoint: Endpoint) => Promise<T>): Promise<AskedOutcome<T>> {
    const { endpoint } = member;
    try {
      await member.assure();
      const value = await task(endpoint);
      await member.assure();
      return { kind: 'done', value, label: endpoint.label };
    } catch (error) {
      if (!(error instanceof RpcError)) return { kind: 'failed', failure: errorOf(error), again: false };
      if (error.label !== undefined)
        return { kind: 'failed', failure: error, again: mendedByTime.includes(error.kind) };
      // Found by the task itself, which has its own reasons to ask again or not.
      endpoint.failed(error);
      return { kind: 'failed', failure: error.by(endpoint.label), again: false };
    }
  }

  /** Looks again at endpoints that are out of use; waits for that only where there is no other. */
  async #probe(): Promise<void> {
    const probes = this.#members.map((member) => member.probe());
    if (this.#members.every(({ setAside }) => setAside !== null)) await Promise.all(probes);
  }

  /** The best first. Those that are not to be asked come in only where none of the others will be ready soon. */
  #candidates(except: readonly string[], round: number): readonly GuardedEndpoint[] {
    const excepted = ({ endpoint }: GuardedEndpoint): boolean => except.includes(endpoint.label);
    const soon = ({ endpoint: { health } }: GuardedEndpoint): boolean =>
      health.waitMs > 0 && health.waitMs <= patienceMs;
    const rank = ({ endpoint: { label, health } }: GuardedEndpoint): number =>
      (this.#heads.latest.lags(label) ? 1 : 0) - health.score - (label === this.#preferred ? preference : 0);
    const usable = this.#members.filter(({ setAside }) => setAside === null).toSorted((a, b) => rank(a) - rank(b));
    const others = usable.filter((member) => !excepted(member));
    return round < rounds && others.some(soon) ? others : [...others, ...usable.filter(excepted)];
  }

  /** Why nobody was asked. */
  #nobody(waitMs: number): Error {
    const reasons = this.#members.flatMap(({ endpoint, setAside }) =>
      setAside === null ? [] : [`${endpoint.label}: ${setAside}`],
    );
    if (reasons.length === this.size) return new WrongDeploymentError(reasons.join('; '));
    const reason = `every endpoint is left alone for ${Math.ceil(waitMs / 1_000)} s more after it failed`;
    return new RpcError('unreachable', 'rpc', reason, { retryAfterMs: waitMs });
  }
}

interface HeadAnswer<B> {
  readonly label: string;
  readonly block: B;
}

interface Done<T> {
  readonly kind: 'done';
  readonly value: T;
  readonly label: string;
}
interface Failed<F extends Error | null> {
  readonly kind: 'failed';
  /** Null where nobody was asked. */
  readonly failure: F;
  /** A second try may do. */
  readonly again: boolean;
}
type Outcome<T> = Done<T> | Failed<Error | null>;
type AskedOutcome<T> = Done<T> | Failed<Error>;

/** That another endpoint is down must not hide a refusal that a smaller range would mend. */
function weightier(known: Error | null, next: Error): Error {
  return known !== null && mayFitInHalves(known) ? known : next;
}

function errorOf(thrown: unknown): Error {
  return thrown instanceof Error ? thrown : new Error(String(thrown));
}

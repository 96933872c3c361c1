import { isDeepStrictEqual } from 'node:util';
import { AdminSession } from './admin-session.js';
import { pause } from './backoff.js';
import { driver, type KafkaConnection } from './connection.js';
import type { OffsetRange } from './offset-vector.js';
import { type TopicDifference, topicDifferences } from './topic-differences.js';
import { incarnationOf } from './topic-incarnation.js';
import { lookAtTopics, type TopicLook } from './topic-look.js';
import type { TopicSettings } from './topic-settings.js';

/** What the last look at a topic has found. */
export interface TopicState {
  readonly topic: string;
  /** Null while there is no such topic. */
  readonly incarnation: string | null;
  /** Empty while the topic is as it should be. */
  readonly differences: readonly TopicDifference[];
  /** First offset kept and next one to be written, by partition. */
  readonly ranges: ReadonlyMap<number, OffsetRange>;
}

export interface TopicWatchOptions {
  readonly topics: readonly TopicSettings[];
  readonly everyMs: number;
  /**
   * Called for each topic after the first look, after the second one where it is missing, and whenever its incarnation or
   * its differences are other ones.
   */
  changed(state: TopicState): void;
}

export interface TopicWatch {
  /** By topic, as of the last look that succeeded; empty before the first. */
  state(): ReadonlyMap<string, TopicState>;
  close(): Promise<void>;
}

/**
 * Looks at the topics again and again, over one connection. A look that fails throws nothing: it is said once, and tried
 * again with the next one.
 */
export function watchTopics(kafka: KafkaConnection, options: TopicWatchOptions): TopicWatch {
  return new Watch(kafka, options);
}

/** How long closing waits for a look that is under way. */
const patienceMs = 3_000;

class Watch implements TopicWatch {
  private readonly closing = new AbortController();
  private readonly states = new Map<string, TopicState>();
  /** The ids that a topic has had, in their order. */
  private readonly ids = new Map<string, readonly string[]>();
  /** Not there at the last look. */
  private readonly missing = new Set<string>();
  private readonly looking: Promise<void>;
  private session: AdminSession | undefined;
  private isFailing = false;

  constructor(
    private readonly kafka: KafkaConnection,
    private readonly options: TopicWatchOptions,
  ) {
    this.looking = this.run(this.closing.signal);
  }

  state(): ReadonlyMap<string, TopicState> {
    return this.states;
  }

  async close(): Promise<void> {
    this.closing.abort();
    const over = new AbortController();
    await Promise.race([this.looking, pause(patienceMs, over.signal)]);
    over.abort();
  }

  private async run(closed: AbortSignal): Promise<void> {
    while (!closed.aborted) {
      await this.look(closed);
      await pause(this.options.everyMs, closed);
    }
    await this.disconnect();
  }

  private async look(closed: AbortSignal): Promise<void> {
    const { topics } = this.options;
    const names = topics.map(({ name }) => name);
    try {
      this.session ??= await AdminSession.open(this.kafka);
      const looks = await lookAtTopics(this.session, names);
      if (closed.aborted) return;
      for (const topic of topics) this.note(topic, looks.get(topic.name));
      this.succeeded(names);
    } catch (error) {
      if (!closed.aborted) this.failed(names, error);
      await this.disconnect();
    }
  }

  private note(topic: TopicSettings, look: TopicLook | undefined): void {
    if (look === undefined ? this.isNews(topic.name) : this.isBygone(topic.name, look.topicId)) return;
    if (look !== undefined) this.missing.delete(topic.name);
    const before = this.states.get(topic.name);
    const state = stateOf(topic, look);
    if (before === undefined || !isSame(before, state)) this.options.changed(state);
    this.states.set(topic.name, state);
  }

  /** The broker that was asked may be the last to hear of a topic: only what is missing at two looks is missing. */
  private isNews(missing: string): boolean {
    const isNews = !this.missing.has(missing);
    this.missing.add(missing);
    return isNews;
  }

  /** Shown by a broker that has not heard of the topic's successor yet: an id never comes back. */
  private isBygone(topic: string, topicId: string): boolean {
    const ids = this.ids.get(topic) ?? [];
    if (!ids.includes(topicId)) this.ids.set(topic, [...ids, topicId]);
    return ids.includes(topicId) && ids.at(-1) !== topicId;
  }

  private succeeded(topics: readonly string[]): void {
    const { log } = this.kafka[driver];
    if (this.isFailing) log.info({ topics }, 'topics are looked at again');
    this.isFailing = false;
  }

  private failed(topics: readonly string[], error: unknown): void {
    const { log } = this.kafka[driver];
    if (!this.isFailing) log.warn({ topics, err: error }, 'topics could not be looked at, retrying');
    this.isFailing = true;
  }

  /** A new connection knows nothing of topics that are gone; the driver asks for them for ever. */
  private async disconnect(): Promise<void> {
    const { session } = this;
    this.session = undefined;
    await session?.close();
  }
}

function stateOf(topic: TopicSettings, look: TopicLook | undefined): TopicState {
  return {
    topic: topic.name,
    incarnation: look === undefined ? null : incarnationOf(look),
    differences: topicDifferences(topic, look),
    ranges: look?.ranges ?? new Map<number, OffsetRange>(),
  };
}

function isSame(one: TopicState, other: TopicState): boolean {
  return one.incarnation === other.incarnation && isDeepStrictEqual(one.differences, other.differences);
}

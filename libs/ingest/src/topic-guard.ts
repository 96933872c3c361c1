import { isSameIncarnation, topicContracts, type TopicNames } from '@hybrid-sync/domain';
import { watchTopics, type KafkaConnection, type TopicDifference, type TopicState } from '@hybrid-sync/kafka';
import { Gauge, type Metrics } from '@hybrid-sync/runtime';

export interface TopicGuardOptions {
  readonly topics: TopicNames;
  /** Of the revocation topic, as it was found at the start. */
  readonly incarnation: string;
  readonly log: Record<'info' | 'error', (fields: object, message: string) => void>;
  readonly metrics: Metrics;
  /** Ends the process: it stands on what is gone. */
  readonly fail: (error: Error) => void;
}

/** How long a change of a topic may go unnoticed. */
const everyMs = 10_000;

/** What becomes of the topics while an ingester works with them. */
export class TopicGuard {
  readonly #options: TopicGuardOptions;
  readonly #differences = new Map<string, readonly TopicDifference[]>();

  constructor(options: TopicGuardOptions) {
    this.#options = options;
    const differing = (): number => this.differences.length;
    new Gauge({
      name: 'hybrid_sync_topic_differences',
      help: 'Settings of the topics that are not as they must be.',
      registers: [options.metrics],
      collect(): void {
        this.set(differing());
      },
    });
  }

  /** Looks at the topics until it is closed. */
  watch(kafka: KafkaConnection): { close(): Promise<void> } {
    const changed = (state: TopicState): void => {
      this.changed(state);
    };
    return watchTopics(kafka, { topics: topicContracts(this.#options.topics), everyMs, changed });
  }

  get differences(): readonly TopicDifference[] {
    return [...this.#differences.values()].flat();
  }

  get unreadyReasons(): readonly string[] {
    return this.differences.length === 0 ? [] : ['topic-misconfigured'];
  }

  changed({ topic, incarnation, differences }: TopicState): void {
    const { topics, incarnation: known, fail } = this.#options;
    const before = this.#differences.get(topic) ?? [];
    this.#differences.set(topic, differences);
    this.#report(topic, before, differences);
    if (topic !== topics.revocations || isSameIncarnation(incarnation, known)) return;
    fail(
      new Error(
        `${topic} was made again or cut short: it was ${known} and is ${incarnation}; everything is published anew`,
      ),
    );
  }

  #report(topic: string, before: readonly TopicDifference[], differences: readonly TopicDifference[]): void {
    const { log } = this.#options;
    if (differences.length > 0) log.error({ topic, differences }, 'topic is not as it must be');
    else if (before.length > 0) log.info({ topic }, 'topic is as it must be again');
  }
}

import type { OffsetVector, TopicNames } from '@hybrid-sync/domain';
import { endOffsets, topicIncarnation, type KafkaConnection, type TopicPartition } from '@hybrid-sync/kafka';
import type { Log } from '@hybrid-sync/runtime';
import {
  adoptTopic,
  followTopic,
  readAppliedOffsets,
  readCurrentAges,
  readGenerations,
  type Database,
  type Generation,
} from '@hybrid-sync/store';
import type { RebuildOrder } from './rebuild-begin.js';
import { topicLife, wasAbsent } from './topic-life.js';

export interface PositionsOptions {
  readonly kafka: KafkaConnection;
  readonly database: Database;
  readonly topics: TopicNames;
  /** How long the revocation topic keeps tombstones. */
  readonly tombstoneSeconds: number;
  readonly begin: (order: RebuildOrder) => Promise<unknown>;
  readonly log: Log;
}

export type Position = TopicPartition & { readonly nextOffset: number };

/** Where each partition continues: what the tables have applied, held against what the topics are. */
export class Positions {
  readonly #options: PositionsOptions;
  /** Which life of each topic was found when positions were given last. */
  readonly #found = new Map<string, string>();
  /** Which life of each topic a watch saw last. */
  readonly #watched = new Map<string, string>();

  constructor(options: PositionsOptions) {
    this.#options = options;
  }

  incarnationOf(topic: string): string | null {
    return this.#found.get(topic) ?? null;
  }

  /** Takes notice of what a watch has seen. */
  seen(topic: string, incarnation: string | null): void {
    if (incarnation !== null) this.#watched.set(topic, incarnation);
  }

  /** Whether the topic has been seen to be another one since positions were given. */
  hasLeft(topic: string): boolean {
    const [found, watched] = [this.#found.get(topic), this.#watched.get(topic)];
    return found !== undefined && watched !== undefined && found !== watched;
  }

  /** A partition that must wait is left out: its topic is another one than the active generation is a fold of. */
  async of(partitions: readonly TopicPartition[]): Promise<readonly Position[]> {
    const placed: Position[] = [];
    for (const topic of new Set(partitions.map((one) => one.topic))) {
      const mine = partitions.filter((one) => one.topic === topic).map(({ partition }) => partition);
      const offsets = await this.#offsetsOf(topic, mine);
      if (offsets === 'hold') continue;
      placed.push(...mine.map((partition) => ({ topic, partition, nextOffset: offsets.get(partition) ?? 0 })));
    }
    return placed;
  }

  /** Whether the topic is the one that its applied offsets are of. */
  async isSame(topic: string): Promise<boolean> {
    return (await topicIncarnation(this.#options.kafka, topic)) === this.incarnationOf(topic);
  }

  async #offsetsOf(topic: string, partitions: readonly number[]): Promise<OffsetVector | 'hold'> {
    const { kafka, topics } = this.#options;
    const incarnation = await topicIncarnation(kafka, topic);
    this.#requireAgreement(topic, incarnation);
    this.#found.set(topic, incarnation);
    return topic === topics.revocations
      ? this.#offsetsOfGeneration(incarnation, partitions)
      : this.#offsetsOfPlain(topic, incarnation);
  }

  /** A broker that has not heard of a topic's successor yet would have records of the one applied as those of the other. */
  #requireAgreement(topic: string, incarnation: string): void {
    const watched = this.#watched.get(topic);
    if (watched === undefined || watched === incarnation) return;
    throw new Error(`topic ${topic} is seen as ${watched} and as ${incarnation}: brokers do not agree yet`);
  }

  async #offsetsOfPlain(topic: string, incarnation: string): Promise<OffsetVector> {
    const { database, log } = this.#options;
    const followed = await database.transaction((transaction) => followTopic(transaction, { topic, incarnation }));
    if (followed === 'made-again')
      log.warn({ topic, incarnation }, 'topic was made again, it is applied from its beginning');
    return readAppliedOffsets(database, { generation: 0, topic });
  }

  async #offsetsOfGeneration(incarnation: string, partitions: readonly number[]): Promise<OffsetVector | 'hold'> {
    const { database, topics } = this.#options;
    const active = await this.#active();
    const offsets = await readAppliedOffsets(database, { generation: active.generation, topic: topics.revocations });
    const life = topicLife(incarnation, active.incarnation);
    if (life === 'first-seen') return (await this.#adopt(active, incarnation, offsets)) ? offsets : 'hold';
    if (life !== 'same') {
      await this.#begin(incarnation, reasons[life]);
      return 'hold';
    }
    if (await this.#isAbsent(active, partitions)) await this.#begin(incarnation, 'absence');
    return offsets;
  }

  /** A fold that is older than the knowledge of incarnations may be one of a topic that is gone. */
  async #adopt({ generation }: Generation, incarnation: string, offsets: OffsetVector): Promise<boolean> {
    const { kafka, database, topics, log } = this.#options;
    const topic = topics.revocations;
    const ends = await endOffsets(kafka, topic);
    if ([...offsets].some(([partition, next]) => next > (ends.get(partition) ?? 0))) {
      await this.#begin(incarnation, reasons.recreated);
      return false;
    }
    await adoptTopic(database, { generation, topic, incarnation });
    log.info({ topic, incarnation, generation }, 'topic adopted');
    return true;
  }

  async #isAbsent({ generation, startedAt }: Generation, partitions: readonly number[]): Promise<boolean> {
    const { database, topics, tombstoneSeconds: keptSeconds } = this.#options;
    const known = await readCurrentAges(database, { generation, topic: topics.revocations });
    const ages = partitions.map((partition) => known.get(partition) ?? null);
    return wasAbsent(ages, { startedSecondsAgo: (Date.now() - startedAt.getTime()) / 1000, keptSeconds });
  }

  /** Asked again and again while partitions wait: what is being built already is left alone. */
  async #begin(incarnation: string, reason: string): Promise<void> {
    const generations = await readGenerations(this.#options.database);
    const isBuilt = generations.some((one) => one.state === 'building' && one.incarnation === incarnation);
    if (!isBuilt) await this.#options.begin({ reason, commandId: null });
  }

  async #active(): Promise<Generation> {
    const active = (await readGenerations(this.#options.database)).find(({ state }) => state === 'active');
    if (active === undefined) throw new Error('no generation is active');
    return active;
  }
}

const reasons = { recreated: 'topic-recreated', truncated: 'topic-truncated' } as const;

import { asOfBlock, type OffsetVector } from '@hybrid-sync/domain';
import type { TopicState } from '@hybrid-sync/kafka';
import {
  readAppliedOffsets,
  readGenerations,
  readSyncState,
  stampCurrent,
  writeTopicFaults,
  type Database,
  type Generation,
  type SyncState,
} from '@hybrid-sync/store';
import type { OwnedPartitions } from './owned-partitions.js';
import { unreadyReasons } from './unready-reasons.js';

export interface StandingOptions {
  readonly database: Database;
  readonly owned: OwnedPartitions;
  /** Of the topics, as they were seen last; empty before the first look. */
  readonly topicStates: () => ReadonlyMap<string, TopicState>;
  readonly revocationTopic: string;
}

/** What the tables say, as they were read last. */
export interface SeenTables {
  readonly active: Generation | null;
  readonly asOfBlock: number | null;
  /** Of the generation that is being built: records applied, and those that there were when it was begun. */
  readonly rebuild: { readonly applied: number; readonly target: number } | null;
}

/** So often it is noted that a partition stands at its end. */
const stampEveryMs = 60_000;
/** What was seen longer ago says nothing about now: a few looks. */
const tooOldMs = { tables: 6_000, topics: 15_000 };

/** How the projector stands, looked at in the background so that a probe never waits for the database or for Kafka. */
export class Standing {
  readonly #options: StandingOptions;
  #tables: SeenTables = { active: null, asOfBlock: null, rebuild: null };
  #tablesSeenAt = -Infinity;
  #topicsSeenAt = -Infinity;
  #stampedAt = -Infinity;
  readonly #topicsSeen = new Map<string, TopicState>();
  readonly #faultsWritten = new Map<string, TopicState['differences']>();

  constructor(options: StandingOptions) {
    this.#options = options;
  }

  get tables(): SeenTables {
    return this.#tables;
  }

  /** Whether both the tables and the topics have been looked at lately. */
  get isSeen(): boolean {
    return this.#isDatabaseSeen() && this.#isKafkaSeen();
  }

  unreadyReasons(): readonly string[] {
    const { topicStates, revocationTopic } = this.#options;
    return unreadyReasons({
      isDatabaseSeen: this.#isDatabaseSeen(),
      isKafkaSeen: this.#isKafkaSeen(),
      topics: [...topicStates().values()],
      active: this.#tables.active,
      revocationTopic,
    });
  }

  /** One look; throws what the database throws. */
  async look(): Promise<void> {
    this.#lookAtTopics();
    await this.#writeFaults();
    await this.#lookAtTables();
    await this.#stamp();
  }

  #isDatabaseSeen(): boolean {
    return performance.now() - this.#tablesSeenAt < tooOldMs.tables;
  }

  #isKafkaSeen(): boolean {
    return performance.now() - this.#topicsSeenAt < tooOldMs.topics;
  }

  /** Every look of the watch makes a new state. */
  #lookAtTopics(): void {
    for (const [topic, state] of this.#options.topicStates()) {
      if (this.#topicsSeen.get(topic) === state) continue;
      this.#topicsSeen.set(topic, state);
      this.#topicsSeenAt = performance.now();
      this.#options.owned.looked(topic, endsOf(state));
    }
  }

  async #writeFaults(): Promise<void> {
    for (const [topic, { differences }] of this.#topicsSeen) {
      if (this.#faultsWritten.get(topic) === differences) continue;
      await writeTopicFaults(this.#options.database, topic, differences);
      this.#faultsWritten.set(topic, differences);
    }
  }

  async #lookAtTables(): Promise<void> {
    const { database } = this.#options;
    const generations = await readGenerations(database);
    const sync = await readSyncState(database);
    const building = generations.find(({ state }) => state === 'building');
    this.#tables = {
      active: generations.find(({ state }) => state === 'active') ?? null,
      asOfBlock: asOf(sync),
      rebuild: building === undefined ? null : await this.#progressOf(building),
    };
    this.#tablesSeenAt = performance.now();
  }

  async #progressOf({ generation, targetOffsets }: Generation): Promise<SeenTables['rebuild']> {
    const { database, revocationTopic: topic } = this.#options;
    const applied = await readAppliedOffsets(database, { generation, topic });
    return { applied: sumBelow(applied, targetOffsets), target: sumBelow(targetOffsets, targetOffsets) };
  }

  async #stamp(): Promise<void> {
    const { owned, database, revocationTopic: topic } = this.#options;
    const { active } = this.#tables;
    const state = this.#topicsSeen.get(topic);
    if (active === null || state === undefined || performance.now() - this.#stampedAt < stampEveryMs) return;
    if (state.incarnation !== active.incarnation) return;
    const partitions = owned.looked(topic, endsOf(state));
    await stampCurrent(database, { generation: active.generation, topic, partitions });
    if (partitions.length > 0) this.#stampedAt = performance.now();
  }
}

function endsOf({ ranges }: TopicState): OffsetVector {
  return new Map([...ranges].map(([partition, { end }]) => [partition, end]));
}

function asOf({ realtime, batch }: SyncState): number | null {
  const startBlock = (batch ?? realtime)?.startBlock ?? 0;
  const coverages = { realtime: realtime?.coverage ?? null, batch: batch?.coverage ?? null };
  return asOfBlock(coverages, startBlock)?.number ?? null;
}

function sumBelow(offsets: OffsetVector, target: OffsetVector): number {
  return [...target].reduce((sum, [partition, next]) => sum + Math.min(next, offsets.get(partition) ?? 0), 0);
}

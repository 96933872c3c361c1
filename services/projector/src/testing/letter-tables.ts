import { testServers } from '@hybrid-sync/devstack';
import { partitionOf, revocationKey, type RevocationLog } from '@hybrid-sync/domain';
import { endOffsets, topicIncarnation, type LogRecord } from '@hybrid-sync/kafka';
import { adoptTopic, insertDeadLetters, insertRetractions, type DeadLetter, type Queryable } from '@hybrid-sync/store';
import { identity } from '../../../../libs/domain/src/testing/arbitraries.js';
import { deadLetterOf } from '../dead-letter.js';
import { placeText } from '../letter-place.js';
import { revocationChange } from '../revocation-change.js';
import { parserFor } from '../revocation-fold.js';
import { Deployment } from './deployment.js';
import { runLetterCommand, type CommandOutcome } from './letter-command.js';
import { batchOf, logOf, recordsOf, revoked, type Written } from './records.js';

const suffix = '.signature-revocations.v1';

/** Topics and tables as projectors have left them, and what an operator does to their dead letters. No projector runs. */
export class LetterTables {
  /** All records are of this log's key. */
  readonly log = logOf(1, 7);
  readonly key = revocationKey(this.log);
  readonly partition = partitionOf(Buffer.from(this.key), 8);
  readonly topic: string;

  private constructor(
    readonly deployment: Deployment,
    readonly incarnation: string,
  ) {
    this.topic = deployment.topics.revocations;
  }

  static async create(): Promise<LetterTables> {
    const deployment = await Deployment.create();
    const topic = deployment.topics.revocations;
    const incarnation = await topicIncarnation(deployment.kafka, topic);
    await adoptTopic(deployment.store.database, { generation: 1, topic, incarnation });
    return new LetterTables(deployment, incarnation);
  }

  async clear(): Promise<void> {
    await this.rows('truncate dead_letters, revocations_a, recorded_entries, retractions');
  }

  drop(): Promise<void> {
    return this.deployment.drop();
  }

  rows(sql: string): Promise<readonly Record<string, unknown>[]> {
    return this.deployment.store.rows(sql);
  }

  run(...args: readonly string[]): Promise<CommandOutcome> {
    return this.runFor(this.topic, ...args);
  }

  /** In the environment of a deployment with this revocation topic. */
  runFor(topic: string, ...args: readonly string[]): Promise<CommandOutcome> {
    return runLetterCommand(args, {
      NETWORK: 'test',
      TEST_CHAIN_ID: `${identity.chainId}`,
      TEST_CONTRACT_ADDRESS: identity.contract,
      KAFKA_BROKERS: testServers().brokers,
      KAFKA_TOPIC_PREFIX: topic.replace(suffix, ''),
      DATABASE_URL: this.deployment.store.url,
    });
  }

  /** A revocation topic that is not there. */
  get goneTopic(): string {
    return this.topic.replace(suffix, `x${suffix}`);
  }

  place(offset: number, topic = this.topic): string {
    return placeText({ topic, partition: this.partition, offset });
  }

  /** Gives the offset of the first one. */
  async publish(...written: readonly Written[]): Promise<number> {
    const from = await this.#end();
    const records = written.map(({ value, headers = {} }) => ({
      key: this.key,
      value: Buffer.from(value ?? ''),
      headers,
    }));
    await this.deployment.publisher.publish(this.topic, records);
    return from;
  }

  /** What yesterday's code left behind of a record that it could not read. */
  async leaveLetter(offset: number, written: Written, changes: Partial<DeadLetter> = {}): Promise<void> {
    const letter = deadLetterOf({ ...this.#record(written), offset }, this.key, 'a kind that is not known');
    const { incarnation } = this;
    const { database } = this.deployment.store;
    await insertDeadLetters(database, [{ ...letter, incarnation, ...changes }], 1);
    const taken = { partition: this.partition, offset, lockId: this.log.lockId, signatureHash: this.log.signatureHash };
    await insertRetractions(database, incarnation, [{ ...taken, reason: 'malformed', log: null }]);
  }

  /** The applied offset stands at the end of the partition. */
  async applyAll(): Promise<void> {
    await this.deployment.store.database.query(
      `insert into applied_offsets (generation, topic, partition, next_offset) values (1, $1, $2, $3)
       on conflict (generation, topic, partition) do update set next_offset = excluded.next_offset`,
      [this.topic, this.partition, await this.#end()],
    );
  }

  async haveRow(log: RevocationLog, db: Queryable = this.deployment.store.database): Promise<void> {
    const { incarnation } = this;
    const change = revocationChange(batchOf([this.#record(revoked(log))]), parserFor(identity));
    await change.write(db, { generation: 1, slot: 'a', incarnation, isActive: false });
  }

  /** Blocks of the revocations that are served. */
  async liveBlocks(): Promise<readonly number[]> {
    return (await this.rows('select block_number from revoked_signatures')).map((row) => Number(row['block_number']));
  }

  /** Offset and resolution of each letter. */
  async resolutions(): Promise<readonly unknown[]> {
    const found = await this.rows('select record_offset, resolution from dead_letters order by record_offset');
    return found.map((row) => [Number(row['record_offset']), row['resolution']]);
  }

  #record(written: Written): LogRecord {
    const [record] = recordsOf([written], { topic: this.topic, partition: this.partition });
    if (record === undefined) throw new Error('one record gives one');
    return record;
  }

  async #end(): Promise<number> {
    return (await endOffsets(this.deployment.kafka, this.topic)).get(this.partition) ?? 0;
  }
}

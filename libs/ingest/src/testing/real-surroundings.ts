import {
  connectKafka,
  endOffsets,
  ensureTopics,
  openLogReader,
  openPublisher,
  type KafkaConnection,
  type OutgoingRecord,
} from '@hybrid-sync/kafka';
import {
  encodeBackfillCommand,
  topicContracts,
  topicNames,
  type BackfillCommand,
  type TopicNames,
} from '@hybrid-sync/domain';
import {
  deployLockRegistry,
  startChain,
  testServers,
  uniqueTopicPrefix,
  type Chain,
  type ChainOptions,
  type LockRegistry,
} from '@hybrid-sync/devstack';
import { createLog } from '@hybrid-sync/runtime';
import { z } from 'zod';
import { deleteTopic } from '../../../kafka/src/testing/recreate-topic.js';
import { until } from './until.js';

const isDone = (): boolean => true;
const isNotDone = (): boolean => false;
const fields = z.object({ kind: z.string(), blockNumber: z.number(), blockHash: z.string(), logIndex: z.number() });
const receipts = z.array(
  z.object({
    logs: z.array(
      z.object({ address: z.string(), topics: z.array(z.string()), blockHash: z.string(), logIndex: z.string() }),
    ),
  }),
);

/** A node, the contract and topics of their own, and two ways to look at them that share no code with the ingesters. */
export class RealSurroundings {
  private constructor(
    readonly node: Chain,
    readonly registry: LockRegistry,
    readonly topicPrefix: string,
    private readonly kafka: KafkaConnection,
  ) {}

  static async start(options: ChainOptions = {}): Promise<RealSurroundings> {
    const node = await startChain(options);
    const registry = await deployLockRegistry(node.url);
    const log = createLog({ service: 'test', level: 'silent', secrets: [] });
    const kafka = connectKafka({ brokers: testServers().brokers.split(','), clientId: 'test', ssl: false }, log);
    const topicPrefix = uniqueTopicPrefix();
    await ensureTopics(kafka, topicContracts(topicNames(topicPrefix)), { mode: 'create', replicationFactor: 1 });
    return new RealSurroundings(node, registry, topicPrefix, kafka);
  }

  get rpcUrl(): string {
    return this.node.url;
  }

  get topics(): TopicNames {
    return topicNames(this.topicPrefix);
  }

  async rpc(method: string, params: readonly unknown[] = []): Promise<unknown> {
    const body = JSON.stringify({ jsonrpc: '2.0', id: 1, method, params });
    const headers = { 'content-type': 'application/json' };
    const response = await fetch(this.node.url, { method: 'POST', headers, body });
    return z.object({ result: z.unknown() }).parse(await response.json()).result;
  }

  /** Every revocation that the receipts of the chain hold: key, block number, block hash and log index. */
  async canonical(): Promise<readonly string[]> {
    const head = Number(await this.rpc('eth_blockNumber'));
    const numbers = Array.from({ length: head + 1 }, (_, number) => number);
    return (await Promise.all(numbers.map((number) => this.#revokedIn(number)))).flat().toSorted();
  }

  /** The same of the topic: the last record of each key, where it is not a retraction. */
  async live(): Promise<readonly string[]> {
    const last = await this.latest(this.topics.revocations);
    return [...last]
      .map(([key, value]) => ({ key, ...fields.parse(JSON.parse(value)) }))
      .filter(({ kind }) => kind === 'revoked')
      .map(({ key, blockNumber, blockHash, logIndex }) => `${key} ${blockNumber} ${blockHash} ${logIndex}`)
      .toSorted();
  }

  /** The last value of each key of a topic. */
  async latest(topic: string): Promise<ReadonlyMap<string, string>> {
    return new Map(await this.records(topic));
  }

  /** Key and value of every record of a topic. */
  async records(topic: string): Promise<readonly (readonly [string, string])[]> {
    const read: (readonly [string, string])[] = [];
    const reader = await openLogReader(this.kafka, {
      topics: [topic],
      groupPrefix: `${this.topicPrefix}.test`,
      apply: (records) => {
        for (const { key, value } of records) read.push([String(key), String(value)]);
      },
      fail: () => undefined,
    });
    await reader.caughtUp();
    await reader.close();
    return read;
  }

  /** Deletes the revocation topic and makes it again, with so many records in it that mean nothing. */
  async recreateRevocations(fillers: number): Promise<void> {
    const { revocations } = this.topics;
    await deleteTopic(this.kafka, revocations);
    const contracts = topicContracts(this.topics);
    const setup = { mode: 'create', replicationFactor: 1 } as const;
    await until(() => ensureTopics(this.kafka, contracts, setup).then(isDone, isNotDone));
    const value = JSON.stringify({ kind: 'filler', blockNumber: 0, blockHash: '0x', logIndex: 0 });
    const publisher = await openPublisher(this.kafka);
    await publisher.publish(
      revocations,
      Array.from({ length: fillers }, (_, number) => ({ key: `filler ${number}`, value })),
    );
    await publisher.close();
  }

  async recordCount(topic: string): Promise<number> {
    return [...(await endOffsets(this.kafka, topic)).values()].reduce((sum, offset) => sum + offset, 0);
  }

  async command(command: Omit<BackfillCommand, 'schemaVersion' | 'kind'>): Promise<void> {
    await this.write(this.topics.commands, { key: command.commandId, value: encodeBackfillCommand(command) });
  }

  /** As somebody else. */
  async write(topic: string, record: OutgoingRecord): Promise<void> {
    const publisher = await openPublisher(this.kafka);
    await publisher.publish(topic, [record]);
    await publisher.close();
  }

  /** Resolves when the topic says what the chain says. */
  async untilInStep(): Promise<void> {
    await until(async () => JSON.stringify(await this.live()) === JSON.stringify(await this.canonical()));
  }

  async #revokedIn(block: number): Promise<readonly string[]> {
    const all = receipts.parse(await this.rpc('eth_getBlockReceipts', [`0x${block.toString(16)}`]));
    return all
      .flatMap(({ logs }) => logs)
      .filter(({ address, topics }) => address === this.registry.address && topics.length === 4)
      .map(({ topics: [, lock = '0x0', hash = ''], blockHash, logIndex }) =>
        [`${BigInt(lock)}-${hash}`, block, blockHash, Number(logIndex)].join(' '),
      );
  }
}

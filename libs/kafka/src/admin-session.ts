import { setTimeout as sleep } from 'node:timers/promises';
import kafkajs, { type Admin } from 'kafkajs';
import { driver, type KafkaConnection } from './connection.js';
import { adminWithCluster, ask, type DriverCluster, partOf } from './driver-cluster.js';
import { type OffsetRange, readOffsetRanges } from './offset-vector.js';
import { readTopicConfig } from './topic-config.js';
import {
  decodeMetadataResponse,
  encodeMetadataRequest,
  metadataVersion,
  noTopicId,
  TopicIdsMissingError,
  type TopicMetadata,
} from './topic-metadata.js';

const metadataKey = 3;
const unknownTopic = 3;
const notAuthorized = 29;

/** An admin connection that can also ask for the ids of topics, which the driver knows nothing of. */
export class AdminSession {
  private readonly admin: Admin;
  private readonly cluster: DriverCluster;

  private constructor(kafka: KafkaConnection) {
    const { admin, cluster } = adminWithCluster(kafka[driver].kafka);
    this.admin = admin;
    this.cluster = cluster;
  }

  static async open(kafka: KafkaConnection): Promise<AdminSession> {
    const session = new AdminSession(kafka);
    try {
      await session.admin.connect();
      return session;
    } catch (error) {
      await session.close();
      throw error;
    }
  }

  /** Of the topics that exist. Throws where brokers do not give ids: then nobody can tell a topic from its successor. */
  async metadata(topics: readonly string[]): Promise<ReadonlyMap<string, TopicMetadata>> {
    const found = (await this.requestMetadata(topics)).filter(({ errorCode }) => errorCode !== unknownTopic);
    found.forEach(requireUsable);
    return new Map(found.map((metadata) => [metadata.topic, metadata]));
  }

  config(topic: string): Promise<ReadonlyMap<string, string>> {
    return readTopicConfig(this.admin, topic);
  }

  ranges(topic: string): Promise<ReadonlyMap<number, OffsetRange>> {
    return readOffsetRanges(this.admin, topic);
  }

  /** The driver waits for requests in flight: 2 s is enough for a broker that answers at all. */
  async close(): Promise<void> {
    const over = new AbortController();
    const limit = sleep(2_000, undefined, { signal: over.signal }).catch(() => undefined);
    await Promise.race([this.admin.disconnect().catch(() => undefined), limit]);
    over.abort();
  }

  private async requestMetadata(topics: readonly string[]): Promise<readonly TopicMetadata[]> {
    const broker = await ask(partOf(this.cluster, 'brokerPool'), 'findConnectedBroker');
    if (typeof broker !== 'object' || broker === null) throw new Error('kafkajs has no broker');
    requireMetadataVersion(partOf(broker, 'versions'));
    const answers: (readonly TopicMetadata[])[] = [];
    const bytes = encodeMetadataRequest(topics);
    await ask(partOf(broker, 'connectionPool'), 'send', {
      request: {
        apiKey: metadataKey,
        apiVersion: metadataVersion,
        apiName: 'Metadata',
        // The two fields by which the driver's encoder takes another one in.
        encode: () => Promise.resolve({ buf: bytes, buffer: bytes }),
      },
      response: {
        decode: (raw: Buffer) => Promise.resolve(decodeMetadataResponse(raw)),
        parse: (response: ReturnType<typeof decodeMetadataResponse>) => {
          answers.push(response.topics);
          return Promise.resolve(response);
        },
      },
    });
    return answers.flat();
  }
}

function requireMetadataVersion(versions: object): void {
  const range: unknown = Reflect.get(versions, metadataKey);
  const maxVersion: unknown =
    typeof range === 'object' && range !== null ? Reflect.get(range, 'maxVersion') : undefined;
  if (typeof maxVersion !== 'number' || maxVersion < metadataVersion) throw new TopicIdsMissingError('broker');
}

function requireUsable({ topic, errorCode, topicId }: TopicMetadata): void {
  if (errorCode !== 0) {
    const retriable = errorCode !== notAuthorized;
    throw new kafkajs.KafkaJSError(`the metadata of topic ${topic} came with error ${errorCode}`, { retriable });
  }
  if (topicId === noTopicId) throw new TopicIdsMissingError(`topic ${topic}`);
}

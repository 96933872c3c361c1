import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { inCheckout, javaCommand, kafkaClassPath } from '@hybrid-sync/devstack';

const run = promisify(execFile);

export interface TopicRecord {
  readonly partition: number;
  readonly offset: number;
  /** Milliseconds since the epoch. */
  readonly timestamp: number;
  readonly key: Buffer | null;
  readonly value: Buffer | null;
  readonly headers: ReadonlyMap<string, string>;
}

/** Reads and writes topics with Kafka's own Java client. */
export class TopicClient {
  readonly #brokers: string;

  constructor(brokers: string) {
    this.#brokers = brokers;
  }

  /** Every record up to the present end of the topic, in offset order within a partition. */
  async read(topic: string): Promise<readonly TopicRecord[]> {
    return (await this.#run('read', topic)).map(parseRecord);
  }

  /** Gives the partitions of the records. */
  async write(topic: string, ...records: readonly Pick<TopicRecord, 'key' | 'value'>[]): Promise<readonly number[]> {
    const encoded = records.flatMap(({ key, value }) => [encode(key), encode(value)]);
    return (await this.#run('write', topic, ...encoded)).map(Number);
  }

  /** Resolves when the topic is gone. */
  async remove(topic: string): Promise<void> {
    await this.#run('remove', topic);
  }

  topicsOf(prefix: string): Promise<readonly string[]> {
    return this.#run('topics', prefix);
  }

  async #run(...[command = '', ...args]: readonly string[]): Promise<readonly string[]> {
    const java = ['-XX:TieredStopAtLevel=1', '-cp', await kafkaClassPath(), inCheckout('e2e', 'TopicClient.java')];
    const options = { maxBuffer: 100_000_000, timeout: 60_000 };
    const { stdout } = await run(javaCommand(), [...java, command, this.#brokers, ...args], options);
    return stdout.split('\n').filter((line) => line !== '');
  }
}

/** Of a line that TopicClient.java prints. */
export function parseRecord(line: string): TopicRecord {
  const [partition, offset, timestamp, key = '-', value = '-', headers = ''] = line.split(' ');
  const named = headers.split(';').filter((header) => header !== '');
  return {
    partition: Number(partition),
    offset: Number(offset),
    timestamp: Number(timestamp),
    key: decode(key),
    value: decode(value),
    headers: new Map(named.map(parseHeader)),
  };
}

function parseHeader(header: string): readonly [string, string] {
  const at = header.indexOf('=');
  return [header.slice(0, at), String(decode(header.slice(at + 1)))];
}

export function encode(bytes: Buffer | null): string {
  return bytes === null ? '-' : `b${bytes.toString('base64')}`;
}

function decode(text: string): Buffer | null {
  return text === '-' ? null : Buffer.from(text.slice(1), 'base64');
}

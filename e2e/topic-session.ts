import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createInterface, type Interface } from 'node:readline';
import { inCheckout, javaCommand, kafkaClassPath } from '@hybrid-sync/devstack';
import { encode, parseRecord, type TopicRecord } from './topic-client.js';

/** What is to be written. Without a partition it lies where its key belongs. */
export interface Outgoing {
  readonly key: Buffer | null;
  readonly value: Buffer | null;
  readonly partition?: number;
  readonly headers?: Readonly<Record<string, string>>;
}

/** First offset that is there, and the one after the last, of a partition. */
export interface PartitionEnds {
  readonly begin: number;
  readonly end: number;
}

/** Kafka's own Java client in one process for many questions: what is on a topic is known within milliseconds. */
export class TopicSession {
  readonly #java: ChildProcess;
  readonly #answers: Interface;
  readonly #records = new Map<string, TopicRecord[]>();
  #asking: Promise<unknown> = Promise.resolve();

  private constructor(java: ChildProcess, answers: Interface) {
    this.#java = java;
    this.#answers = answers;
  }

  static async open(brokers: string): Promise<TopicSession> {
    const options = ['-XX:TieredStopAtLevel=1', '-XX:+UseSerialGC', '-Xmx128m', '-cp', await kafkaClassPath()];
    // It ends with its standard input, and so with this process.
    const java = spawn(javaCommand(), [...options, inCheckout('e2e', 'TopicSession.java'), brokers], {
      stdio: ['pipe', 'pipe', 'ignore'],
    });
    return new TopicSession(java, createInterface({ input: java.stdout }));
  }

  /** Every record up to the present end of the topic, in offset order within a partition. */
  async read(topic: string): Promise<readonly TopicRecord[]> {
    const records = this.#records.get(topic) ?? [];
    this.#records.set(topic, records);
    for (const line of await this.#ask(`read ${topic}`)) records.push(parseRecord(line));
    return records;
  }

  /** What the topic holds now, after compaction. */
  async reread(topic: string): Promise<readonly TopicRecord[]> {
    return (await this.#ask(`reread ${topic}`)).map(parseRecord);
  }

  async write(topic: string, key: string, value: string): Promise<void> {
    await this.writeAll(topic, [{ key: Buffer.from(key), value: Buffer.from(value) }]);
  }

  /** Resolves when every one is acknowledged. */
  async writeAll(topic: string, records: readonly Outgoing[]): Promise<void> {
    await this.#ask(['write', topic, ...records.map(encodeOutgoing)].join(' '));
  }

  /** By partition. */
  async ends(topic: string): Promise<ReadonlyMap<number, PartitionEnds>> {
    const lines = await this.#ask(`ends ${topic}`);
    return new Map(
      lines.map((line) => line.split(' ').map(Number)).map(([at = 0, begin = 0, end = 0]) => [at, { begin, end }]),
    );
  }

  /** Changes topics, groups and rights; see TopicSession.java for the commands. Gives what is printed. */
  async manage(...command: readonly string[]): Promise<readonly string[]> {
    return this.#ask(command.join(' '));
  }

  /** Deletes the topic; resolves when it is gone. */
  async remove(topic: string): Promise<void> {
    await this.#ask(`remove ${topic}`);
    this.#records.delete(topic);
  }

  /** What was read of the topic so far: from now on only what it still holds counts. */
  async forget(topic: string): Promise<void> {
    await this.#ask(`forget ${topic}`);
    this.#records.delete(topic);
  }

  async close(): Promise<void> {
    if (this.#java.exitCode !== null) return;
    this.#java.stdin?.end();
    await once(this.#java, 'exit');
  }

  /** One question at a time. */
  #ask(command: string): Promise<readonly string[]> {
    const answer = this.#asking.then(() => this.#answerTo(command));
    this.#asking = answer.catch(() => undefined);
    return answer;
  }

  async #answerTo(command: string): Promise<readonly string[]> {
    if (this.#java.exitCode !== null) throw new Error('the Java client has ended');
    const { promise, resolve, reject } = Promise.withResolvers<readonly string[]>();
    const lines: string[] = [];
    const read = (line: string): void => {
      if (line !== '=') lines.push(line);
      else if (lines.at(-1)?.startsWith('!') === true) reject(new Error(lines.at(-1)));
      else resolve(lines);
    };
    const ended = (): void => {
      reject(new Error(`the Java client ended over: ${command.slice(0, 100)}`));
    };
    this.#answers.on('line', read);
    this.#java.once('exit', ended);
    this.#java.stdin?.write(`${command}\n`);
    return promise.finally(() => {
      this.#answers.off('line', read);
      this.#java.off('exit', ended);
    });
  }
}

function encodeOutgoing({ partition, key, value, headers = {} }: Outgoing): string {
  const named = Object.entries(headers).map(([name, text]) => `${name}=${encode(Buffer.from(text))}`);
  return [partition ?? '-', encode(key), encode(value), named.join(';') || '-'].join(' ');
}

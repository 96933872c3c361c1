import { partitionOf, type OffsetVector } from '@hybrid-sync/domain';
import type { LogReader, LogRecord, OutgoingRecord } from '@hybrid-sync/kafka';
import type { OpenReader } from '../open-reader.js';

interface Reader {
  readonly topic: string;
  readonly apply: (records: readonly LogRecord[]) => void;
  delivered: number;
}

/** Topics in memory. What is published reaches the readers when they are awaited, or when {@link deliver} is called. */
export class MemoryTopics {
  readonly #records = new Map<string, LogRecord[]>();
  readonly #readers = new Set<Reader>();
  /** Partitions of every topic. */
  readonly #partitions: number;
  /** Called before each publication; one that throws is not acknowledged and leaves nothing. */
  before: (topic: string, records: readonly OutgoingRecord[]) => void = () => undefined;

  constructor(partitions = 8) {
    this.#partitions = partitions;
  }

  records(topic: string): readonly LogRecord[] {
    return this.#records.get(topic) ?? [];
  }

  /** The last value of each key, as text. */
  latest(topic: string): ReadonlyMap<string, string> {
    return new Map(this.records(topic).map(({ key, value }) => [String(key), String(value)]));
  }

  async publish(topic: string, records: readonly OutgoingRecord[]): Promise<OffsetVector> {
    await Promise.resolve();
    this.before(topic, records);
    const touched = new Set(records.map((record) => this.#append(topic, record)));
    return new Map([...touched].map((partition) => [partition, this.#next(topic, partition)]));
  }

  readonly openReader: OpenReader = (topic, apply) => {
    const reader: Reader = { topic, apply, delivered: 0 };
    this.#readers.add(reader);
    const caughtUp = async (): Promise<void> => {
      await Promise.resolve();
      this.#deliverTo(reader);
    };
    const logReader: LogReader = {
      caughtUp,
      reached: caughtUp,
      position: () => this.#positionOf(reader),
      close: () => {
        this.#readers.delete(reader);
        return Promise.resolve();
      },
    };
    return Promise.resolve(logReader);
  };

  get openReaders(): number {
    return this.#readers.size;
  }

  deliver(): void {
    for (const reader of this.#readers) this.#deliverTo(reader);
  }

  #append(topic: string, { key, value, headers = {} }: OutgoingRecord): number {
    const keyBytes = Buffer.from(key);
    const partition = partitionOf(keyBytes, this.#partitions);
    const record: LogRecord = {
      topic,
      partition,
      offset: this.#next(topic, partition),
      timestamp: 0,
      key: keyBytes,
      value: Buffer.from(value),
      headers: Object.fromEntries(Object.entries(headers).map(([name, text]) => [name, Buffer.from(text)])),
    };
    this.#records.set(topic, [...this.records(topic), record]);
    return partition;
  }

  #next(topic: string, partition: number): number {
    return this.records(topic).filter((record) => record.partition === partition).length;
  }

  #deliverTo(reader: Reader): void {
    const records = this.records(reader.topic).slice(reader.delivered);
    reader.delivered += records.length;
    if (records.length > 0) reader.apply(records);
  }

  #positionOf({ topic, delivered }: Reader): OffsetVector {
    const position = new Map<number, number>();
    for (const { partition, offset } of this.records(topic).slice(0, delivered)) position.set(partition, offset + 1);
    return position;
  }
}

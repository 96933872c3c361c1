import { partitionOf, type OffsetVector } from '@hybrid-sync/domain';
import type { LogReader, LogRecord, OutgoingRecord } from '@hybrid-sync/kafka';
import type { OpenReader, Reading } from '../open-reader.js';

interface Reader extends Reading {
  readonly topic: string;
  delivered: number;
  /** Records that were applied. */
  read: number;
}

/** Topics in memory. What is published reaches the readers when they are awaited, or when {@link deliver} is called. */
export class MemoryTopics {
  readonly #records = new Map<string, LogRecord[]>();
  readonly #compacted = new Set<LogRecord>();
  readonly #opened: Reader[] = [];
  readonly #readers = new Set<Reader>();
  /** Partitions of every topic. */
  readonly #partitions: number;
  /** The broker's clock, milliseconds since the epoch: it stamps every record. */
  now = 0;
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

  readonly openReader: OpenReader = (topic, reading) => {
    const reader: Reader = { topic, ...this.#believed(topic, reading), delivered: 0, read: 0 };
    this.#readers.add(reader);
    this.#opened.push(reader);
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

  /** Records that the last reader of a topic has applied. */
  readBy(topic: string): number {
    return this.#opened.findLast((reader) => reader.topic === topic)?.read ?? 0;
  }

  /** Keeps the last record of each key alone, with its offset. */
  compact(topic: string): void {
    const last = new Map(this.records(topic).map((record) => [String(record.key), record]));
    for (const record of this.records(topic)) {
      if (last.get(String(record.key)) !== record) this.#compacted.add(record);
    }
  }

  /** The topic is deleted and made again. */
  recreate(topic: string): void {
    this.#records.delete(topic);
  }

  get openReaders(): number {
    return this.#readers.size;
  }

  /** @param topic alone, so that a test can choose which one is read first */
  deliver(topic?: string): void {
    for (const reader of this.#readers) if (topic === undefined || reader.topic === topic) this.#deliverTo(reader);
  }

  #append(topic: string, { key, value, headers = {} }: OutgoingRecord): number {
    const keyBytes = Buffer.from(key);
    const partition = partitionOf(keyBytes, this.#partitions);
    const record: LogRecord = {
      topic,
      partition,
      offset: this.#next(topic, partition),
      timestamp: this.now,
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
    const wanted = records.filter(
      (record) => record.offset >= (reader.from?.get(record.partition) ?? 0) && !this.#compacted.has(record),
    );
    reader.read += wanted.length;
    if (wanted.length > 0) reader.apply(wanted);
  }

  /** As the reader of a broker: offsets beyond the end are those of another topic. */
  #believed(topic: string, { apply, from }: Reading): Reading {
    const fits = [...(from ?? [])].every(([partition, offset]) => offset <= this.#next(topic, partition));
    return from === undefined || !fits ? { apply } : { apply, from };
  }

  #positionOf({ topic, delivered }: Reader): OffsetVector {
    const position = new Map<number, number>();
    for (const { partition, offset } of this.records(topic).slice(0, delivered)) position.set(partition, offset + 1);
    return position;
  }
}

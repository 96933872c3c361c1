import { endOffsets, openLogReader, type KafkaConnection, type LogReader, type LogRecord } from '@hybrid-sync/kafka';
import type { LetterPlace } from './letter-place.js';

/** What follows a record in its partition. */
export interface RecordsAfter extends LetterPlace {
  readonly key: Uint8Array;
  readonly groupPrefix: string;
}

/** Follows one partition from behind a record on, and keeps what has the same key. */
export class LaterReader {
  readonly #place: LetterPlace;
  readonly #found: LogRecord[];
  readonly #reader: LogReader;

  private constructor(place: LetterPlace, found: LogRecord[], reader: LogReader) {
    this.#place = place;
    this.#found = found;
    this.#reader = reader;
  }

  /** Throws where the topic does not exist, or ends before the record. */
  static async open(kafka: KafkaConnection, { key, groupPrefix, ...place }: RecordsAfter): Promise<LaterReader> {
    const { topic, partition, offset } = place;
    const ends = await endOffsets(kafka, topic);
    if ((ends.get(partition) ?? 0) <= offset) throw new Error(`topic ${topic} ends before offset ${offset}`);
    const found: LogRecord[] = [];
    const reader = await openLogReader(kafka, {
      topics: [topic],
      groupPrefix,
      from: new Map([[topic, new Map([...ends, [partition, offset + 1]])]]),
      apply: (records) => {
        found.push(...records.filter((record) => record.partition === partition && isOf(record, key)).map(copyOf));
      },
      // Whoever waits for an offset is told.
      fail: () => undefined,
    });
    return new LaterReader(place, found, reader);
  }

  /** The last record of the key below the offset, once everything below it has been read. */
  async newestBelow(nextOffset: number, signal: AbortSignal): Promise<LogRecord | null> {
    const { topic, partition } = this.#place;
    await this.#reader.reached(topic, new Map([[partition, nextOffset]]), signal);
    return this.#found.findLast(({ offset }) => offset < nextOffset) ?? null;
  }

  close(): Promise<void> {
    return this.#reader.close();
  }
}

function isOf(record: LogRecord, key: Uint8Array): boolean {
  return record.key?.equals(key) === true;
}

/** What was fetched is kept in large pieces: a part of one would keep all of it. Headers decide nothing. */
function copyOf({ topic, partition, offset, timestamp, key, value }: LogRecord): LogRecord {
  const copied = { key: key && Buffer.from(key), value: value && Buffer.from(value) };
  return { topic, partition, offset, timestamp, ...copied, headers: {} };
}

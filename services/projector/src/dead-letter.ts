import { decodeUtf8 } from '@hybrid-sync/domain';
import type { LogRecord, OutgoingRecord } from '@hybrid-sync/kafka';
import type { DeadLetter } from '@hybrid-sync/store';

/** A dead letter before it is known which life of the topic its offset is of. */
export type MetLetter = Omit<DeadLetter, 'incarnation'>;

/** A record as it came, and why it cannot be applied. */
export function deadLetterOf(record: LogRecord, revocationKey: string | null, reason: string): MetLetter {
  const { topic, partition, offset, key, value } = record;
  const headers = Object.fromEntries(
    Object.entries(record.headers).map(([name, bytes]) => [printable(name), bytes.toString('base64')]),
  );
  return { topic, partition, offset, key, revocationKey, value, headers, reason };
}

/** Below max.message.bytes, so that a letter with its own headers always fits. */
const largestOriginal = 900_000;

/**
 * As a record of the dead-letters topic: the original bytes, with key, reason and origin in the headers. Where those
 * bytes are too many for one record they are left out: the table has them.
 */
export function deadLetterRecord(letter: MetLetter): OutgoingRecord {
  return recordWithin(letter, largestOriginal);
}

/** The same without the original bytes, for a topic that accepts smaller records only. */
export function bareDeadLetterRecord(letter: MetLetter): OutgoingRecord {
  return recordWithin(letter, 0);
}

function recordWithin(letter: MetLetter, largest: number): OutgoingRecord {
  const original = originalOf(letter);
  const fits = sizeOf(original) <= largest;
  const { key, value, headers } = fits ? original : { key: '', value: '', headers: {} };
  const absent = [letter.key === null ? 'key' : '', letter.value === null ? 'value' : ''].filter(Boolean).join();
  return {
    key,
    value,
    headers: {
      ...headers,
      'dead-letter-topic': letter.topic,
      'dead-letter-partition': `${letter.partition}`,
      'dead-letter-offset': `${letter.offset}`,
      'dead-letter-reason': letter.reason,
      'dead-letter-null': absent,
      ...(fits ? {} : { 'dead-letter-too-large': 'true' }),
    },
  };
}

function originalOf(letter: MetLetter): Required<OutgoingRecord> {
  const headers = Object.entries(letter.headers).map(([name, bytes]) => [name, Buffer.from(bytes, 'base64')] as const);
  const key = Buffer.from(letter.key ?? []);
  return {
    key: decodeUtf8(key) ?? key.toString('base64'),
    value: Buffer.from(letter.value ?? []),
    headers: { ...Object.fromEntries(headers), 'dead-letter-key-base64': key.toString('base64') },
  };
}

function sizeOf({ key, value, headers }: Required<OutgoingRecord>): number {
  return [key, value, ...Object.entries(headers).flat()].reduce((sum, part) => sum + Buffer.byteLength(part) + 5, 0);
}

/** Postgres takes no NUL in text, and the name of a header is a stranger's choice. */
function printable(name: string): string {
  return name.replaceAll('\0', '\ufffd');
}

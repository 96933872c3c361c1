import { decodeUtf8 } from '@hybrid-sync/domain';
import type { LogRecord, OutgoingRecord } from '@hybrid-sync/kafka';
import type { DeadLetter } from '@hybrid-sync/store';

/** A record as it came, and why it cannot be applied. */
export function deadLetterOf(record: LogRecord, revocationKey: string | null, reason: string): DeadLetter {
  const { topic, partition, offset, key, value } = record;
  const headers = Object.fromEntries(
    Object.entries(record.headers).map(([name, bytes]) => [name, bytes.toString('base64')]),
  );
  return { topic, partition, offset, key, revocationKey, value, headers, reason };
}

/** As a record of the dead-letters topic: the original bytes, with key, reason and origin in the headers. */
export function deadLetterRecord(letter: DeadLetter): OutgoingRecord {
  const key = letter.key === null ? '' : (decodeUtf8(letter.key) ?? Buffer.from(letter.key).toString('base64'));
  const original = Object.entries(letter.headers).map(([name, bytes]) => [name, Buffer.from(bytes, 'base64')] as const);
  return {
    key,
    value: Buffer.from(letter.value ?? []),
    headers: {
      ...Object.fromEntries(original),
      'dead-letter-topic': letter.topic,
      'dead-letter-partition': `${letter.partition}`,
      'dead-letter-offset': `${letter.offset}`,
      'dead-letter-reason': letter.reason,
      'dead-letter-key-base64': letter.key === null ? '' : Buffer.from(letter.key).toString('base64'),
      'dead-letter-null': [letter.key === null ? 'key' : '', letter.value === null ? 'value' : '']
        .filter(Boolean)
        .join(),
    },
  };
}

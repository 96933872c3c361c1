import type { ParsedRevocationRecord } from '@hybrid-sync/domain';
import type { LogRecord } from '@hybrid-sync/kafka';
import type { StoredLetter } from '@hybrid-sync/store';
import { placeText } from './letter-place.js';
import { printableLine } from './shown-bytes.js';

/** What came after a dead record in its partition, below the applied offset. */
export interface LaterRecords {
  /** The last one of the same key that the topic still has; null where there is none. */
  readonly newest: LogRecord | null;
  /** Whether that one is a dead letter which no later record has resolved. */
  readonly isDead: boolean;
}

export type ReplayPlan =
  | { readonly kind: 'refused'; readonly reason: string }
  /** A later record of the key has been applied: this one has nothing more to say. */
  | { readonly kind: 'overtaken'; readonly by: string }
  /** It is the last record of its key. */
  | { readonly kind: 'apply'; readonly record: LogRecord; readonly key: string };

/** What a replay of a letter of the revocation topic does: last record per key wins, also here. */
export function planReplay(
  letter: StoredLetter,
  { newest, isDead }: LaterRecords,
  parse: (record: LogRecord) => ParsedRevocationRecord,
): ReplayPlan {
  const record = recordOf(letter);
  const parsed = parse(record);
  if (parsed.kind === 'malformed') return refused(`the record still cannot be read: ${printableLine(parsed.reason)}`);
  if (newest === null) return { kind: 'apply', record, key: parsed.key };
  const by = placeText(newest);
  if (parse(newest).kind === 'malformed')
    return refused(`a later record of the key decides, and it cannot be read: ${by}`);
  return isDead ? refused(`a later record of the key decides: replay ${by}`) : { kind: 'overtaken', by };
}

/** The record as it came. When it was stamped is not kept. */
export function recordOf({ topic, partition, offset, key, value, headers }: StoredLetter): LogRecord {
  const entries = Object.entries(headers).map(([name, base64]) => [name, Buffer.from(base64, 'base64')] as const);
  return {
    topic,
    partition,
    offset,
    timestamp: 0,
    key: key === null ? null : Buffer.from(key),
    value: value === null ? null : Buffer.from(value),
    headers: Object.fromEntries(entries),
  };
}

function refused(reason: string): ReplayPlan {
  return { kind: 'refused', reason };
}

import { setImmediate as turn } from 'node:timers/promises';
import type { ParsedRevocationRecord } from '@hybrid-sync/domain';
import type { LogRecord } from '@hybrid-sync/kafka';
import type { ParseRevocation } from './revocation-fold.js';

/** Some half a millisecond of work. */
const recordsOfSlice = 50;

/**
 * Parses in slices: what the database answers meanwhile is heard between two of them, so that it need not wait for the end
 * of a large batch before it is told what to do next.
 */
export async function parsedInSlices(records: readonly LogRecord[], parse: ParseRevocation): Promise<ParseRevocation> {
  const parsed = new Map<LogRecord, ParsedRevocationRecord>();
  for (const [index, record] of records.entries()) {
    if (index > 0 && index % recordsOfSlice === 0) await turn();
    parsed.set(record, parse(record));
  }
  return (record) => parsed.get(record) ?? parse(record);
}

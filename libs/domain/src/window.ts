import type { LogPosition } from './revocation-log.js';
import type { ParsedRevocationRecord } from './parsed-revocation.js';
import type { RevocationIdentity } from './revocation-key.js';

/** The log that the topic's last record of a key says is live. */
export interface LiveRecord extends RevocationIdentity, LogPosition {}

/** Live records above the last finalized block, by key. */
export type Window = ReadonlyMap<string, LiveRecord>;

/**
 * Folds one record of the revocation topic into the window: the last record per key wins, whoever wrote it. What stands
 * at or below `finalizedBlock` is left out: no reorg reaches it, and only a backfill looks at it again. A malformed
 * record wins as well: compaction keeps it and drops the good one before it, which has to be published again.
 */
export function foldWindow(
  window: Map<string, LiveRecord>,
  parsed: ParsedRevocationRecord,
  finalizedBlock: number,
): void {
  if (parsed.key === null) return;
  const live = parsed.kind === 'record' && parsed.record.kind === 'revoked' ? parsed.record : null;
  if (live === null || live.blockNumber <= finalizedBlock) window.delete(parsed.key);
  else window.set(parsed.key, liveRecordOf(live));
}

/** Drops what has become final. */
export function pruneWindow(window: Map<string, LiveRecord>, finalizedBlock: number): void {
  for (const [key, live] of window) if (live.blockNumber <= finalizedBlock) window.delete(key);
}

/** Only what reconcile needs: a window holds its records for a long time. */
function liveRecordOf(record: LiveRecord): LiveRecord {
  const { lockId, signatureHash, blockNumber, blockHash, transactionHash, logIndex } = record;
  return { lockId, signatureHash, blockNumber, blockHash, transactionHash, logIndex };
}

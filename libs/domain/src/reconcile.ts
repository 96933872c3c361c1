import { contains, type BlockRange } from './block-range.js';
import type { Hash32 } from './hex.js';
import { revocationKey } from './revocation-key.js';
import type { LogPosition, RevocationLog } from './revocation-log.js';
import type { Retraction, RetractionReason } from './revocation-record.js';
import type { LiveRecord, Window } from './window.js';

/** What an ingester has seen of the chain: every log of the range, and the canonical hash of the blocks it looked at. */
export interface ScannedRange {
  readonly range: BlockRange;
  readonly blockHashes: ReadonlyMap<number, Hash32>;
  readonly logs: readonly RevocationLog[];
}

export interface Reconciliation {
  readonly publish: readonly RevocationLog[];
  readonly retract: readonly Retraction[];
}

/**
 * What must be written so that the topic says what the chain says in the scanned range. `publish`: logs whose live
 * record is missing or is another log. `retract`: live records inside the range that are not among its logs and whose
 * key is not published in the same step. Applying the result and reconciling again yields nothing.
 */
export function reconcile(scanned: ScannedRange, window: Window): Reconciliation {
  const canonical = new Map(scanned.logs.map((log) => [revocationKey(log), log]));
  const publish = [...canonical].filter(([key, log]) => !isSameLog(log, window.get(key))).map(([, log]) => log);
  const retract = [...window]
    .filter(([key, live]) => contains(scanned.range, live.blockNumber) && !canonical.has(key))
    .map(([, live]) => ({ ...live, reason: reasonOf(live, scanned.blockHashes) }));
  return { publish, retract };
}

function isSameLog(log: LogPosition, live: LiveRecord | undefined): boolean {
  return live?.blockHash === log.blockHash && live.logIndex === log.logIndex;
}

/** A record whose block is canonical was never right; any other lost its block. */
function reasonOf(live: LiveRecord, blockHashes: ScannedRange['blockHashes']): RetractionReason {
  return blockHashes.get(live.blockNumber) === live.blockHash ? 'not-canonical' : 'reorg';
}

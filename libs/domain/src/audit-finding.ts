import { maxMismatches, type Audit, type CountMismatch } from './audit.js';
import type { Address } from './hex.js';

/** What is known of the cause of a mismatch. */
export interface AuditEvidence {
  readonly contract: Address;
  readonly startBlock: number;
  /** What the contract counted for the mismatched locks right before the start block; null where nobody can tell. */
  readonly revokedBeforeStart: number | null;
  /** Whether any SignatureRevoked log of the contract was ever read. */
  readonly emitsEvent: boolean;
}

/** The locks of which the topic holds more or less than the contract counts, by lock id. */
export function countMismatches(counts: readonly CountMismatch[]): readonly CountMismatch[] {
  return counts
    .filter(({ onContract, onTopic }) => onContract !== onTopic)
    .toSorted((one, other) => (one.lockId < other.lockId ? -1 : 1));
}

/** The result of comparing counts as of one block. The evidence is asked for where they differ. */
export function auditOf(blockNumber: number, counts: readonly CountMismatch[], evidence: AuditEvidence): Audit {
  const mismatches = countMismatches(counts);
  return {
    blockNumber,
    locks: counts.length,
    mismatched: mismatches.length,
    mismatches: mismatches.slice(0, maxMismatches),
    finding: mismatches.length === 0 ? null : findingOf(mismatches, evidence),
  };
}

/** Whether what the contract counted before the start block is all that is missing: no endpoint can give that. */
export function isBeforeStart(mismatches: readonly CountMismatch[], { revokedBeforeStart }: AuditEvidence): boolean {
  const isMissing = mismatches.every(({ onContract, onTopic }) => onContract > onTopic);
  const missing = mismatches.reduce((sum, { onContract, onTopic }) => sum + onContract - onTopic, 0);
  return isMissing && missing === revokedBeforeStart;
}

function findingOf(mismatches: readonly CountMismatch[], evidence: AuditEvidence): string {
  const missing = mismatches.filter(({ onContract, onTopic }) => onContract > onTopic);
  const surplus = mismatches.filter(({ onContract, onTopic }) => onContract < onTopic);
  return [
    ...(missing.length === 0 ? [] : [causeOfMissing(missing, evidence)]),
    ...(surplus.length === 0 ? [] : [`the topic holds revocations that the chain does not have, of ${named(surplus)}`]),
  ].join('; ');
}

function causeOfMissing(missing: readonly CountMismatch[], evidence: AuditEvidence): string {
  const { contract, startBlock, revokedBeforeStart, emitsEvent } = evidence;
  const late = "START_BLOCK is later than the contract's deployment";
  if (revokedBeforeStart !== null && revokedBeforeStart > 0)
    return `${late}: revocations before block ${startBlock} are not mirrored`;
  if (!emitsEvent) {
    const event = 'SignatureRevoked(uint256,bytes32,address)';
    return `the contract at ${contract} counts revocations but emits no ${event} log: another generation of the contract`;
  }
  const left = `the endpoints leave out logs of ${named(missing)}`;
  return revokedBeforeStart === null ? `${left}, or ${late}: no endpoint gives the contract's state before it` : left;
}

/** As many as a sentence can hold. */
const maxNamed = 5;

function named(locks: readonly CountMismatch[]): string {
  const ids = locks.slice(0, maxNamed).map(({ lockId }) => lockId.toString());
  const more = locks.length - ids.length;
  return `${locks.length === 1 ? 'lock' : 'locks'} ${ids.join(', ')}${more === 0 ? '' : ` and ${more} more`}`;
}

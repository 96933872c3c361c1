import type {
  LiveRecord,
  Reconciliation,
  Retraction,
  RevocationIdentity,
  RevocationLog,
  ScannedRange,
} from '@hybrid-sync/domain';
import type { Suspect } from './suspect.js';

/** A key that the topic may be wrong about. */
export interface Question extends RevocationIdentity {
  /** What the topic says is live; null where it says that nothing is. */
  readonly live: LiveRecord | null;
  /** Block of the log that the last record is about; null where it does not say. */
  readonly blockNumber: number | null;
  /** Of the retraction, if it comes to that. */
  readonly reason: Retraction['reason'];
  /** The suspect that raised the question; null where it was the scan. */
  readonly suspect: Suspect | null;
}

/** What the contract says of a key, and the log that makes it so. */
export type Answer =
  | { readonly kind: 'not-revoked' }
  | { readonly kind: 'revoked'; readonly log: RevocationLog }
  /** The contract says that the key is revoked, and no endpoint has the log. */
  | { readonly kind: 'log-missing' };

export interface Judged {
  readonly question: Question;
  readonly answer: Answer;
}

/**
 * `confirmed` may be written. `doubtful` must not: the contract says that these are revoked, and the log that makes it so
 * was not found, or not in the block that was scanned. What was read is incomplete, or the chain has moved meanwhile.
 */
export type Confirmation =
  | (Reconciliation & { readonly kind: 'confirmed' })
  | { readonly kind: 'doubtful'; readonly revocations: readonly RevocationIdentity[] };

/** What may be written, once the contract was asked about everything that is not on the chain as scanned. */
export function verdictOn(
  publish: readonly RevocationLog[],
  judged: readonly Judged[],
  blockHashes: ScannedRange['blockHashes'],
): Confirmation {
  const doubtful = judged.filter(({ answer }) => isDoubtful(answer, blockHashes));
  if (doubtful.length > 0) return { kind: 'doubtful', revocations: doubtful.map(({ question }) => question) };
  const wrong = judged.filter((one) => !isRight(one));
  const found = wrong.flatMap(({ answer }) => (answer.kind === 'revoked' ? [answer.log] : []));
  const retract = wrong.flatMap(({ question: { live, reason }, answer }) =>
    answer.kind === 'not-revoked' && live !== null ? [{ ...live, reason }] : [],
  );
  return { kind: 'confirmed', publish: [...publish, ...found], retract };
}

/** Whether the topic says already what the contract says. */
export function isRight({ question: { live }, answer }: Judged): boolean {
  if (answer.kind === 'not-revoked') return live === null;
  return answer.kind === 'revoked' && live?.blockHash === answer.log.blockHash && live.logIndex === answer.log.logIndex;
}

function isDoubtful(answer: Answer, blockHashes: ScannedRange['blockHashes']): boolean {
  if (answer.kind !== 'revoked') return answer.kind === 'log-missing';
  const { blockNumber, blockHash } = answer.log;
  return (blockHashes.get(blockNumber) ?? blockHash) !== blockHash;
}

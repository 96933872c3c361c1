import type { BlockRange, Reconciliation, RevocationIdentity } from '@hybrid-sync/domain';
import type { Confirmation, Ingester, Tip } from '@hybrid-sync/ingest';
import { pieceOf, type FinalPiece, type RangeReader } from './final-pieces.js';
import { provenPiece } from './proven-piece.js';

/** The contract says that keys are revoked of which the blocks that were read hold no log, even by their receipts. */
class UnfoundRevocationsError extends Error {
  override readonly name = 'UnfoundRevocationsError';

  constructor(revocations: readonly RevocationIdentity[]) {
    super(`the contract says that ${revocations.length} signatures are revoked whose logs were not found`);
  }
}

interface ScanContext {
  /** Blocks that were covered before this scan. */
  readonly covered: readonly BlockRange[];
  /** The contract is asked as of this block. */
  readonly tip: Tip;
}

/** What must be written so that the topic says what the piece says; of the piece itself, read by receipts, where that is in doubt. */
export async function confirmedPiece(
  ingester: Pick<Ingester, 'chain' | 'reconciler' | 'view'>,
  piece: FinalPiece,
  { covered, tip }: ScanContext,
): Promise<Reconciliation> {
  const { chain, reconciler, view } = ingester;
  const proven = await provenPiece(chain, piece, { window: view.window, covered });
  return untilConfirmed(chain, proven, ({ scanned }) => reconciler.reconciled(scanned, tip));
}

/** Judges the piece; where the contract contradicts it, reads it again by its receipts and judges that. */
export async function untilConfirmed(
  chain: RangeReader,
  piece: FinalPiece,
  judge: (piece: FinalPiece) => Promise<Confirmation>,
): Promise<Reconciliation> {
  const first = await judge(piece);
  if (first.kind === 'confirmed') return first;
  const { range } = piece.scanned;
  const second = await judge(pieceOf(range, await chain.logsOfRange(range, 'receipts')));
  if (second.kind === 'confirmed') return second;
  throw new UnfoundRevocationsError(second.revocations);
}

import type { RecordBatch } from '@hybrid-sync/kafka';
import {
  insertCoverageClaim,
  insertDeadLetters,
  pruneCoverageClaims,
  upsertBackfill,
  upsertComponentStatus,
  type Queryable,
} from '@hybrid-sync/store';
import { foldStatuses, type FoldedStatuses } from './status-fold.js';
import type { Located, TopicChange } from './topic-change.js';

/** @param revocationTopic the one that the claims of the statuses speak of */
export function statusChange(part: RecordBatch, revocationTopic: string): TopicChange<Located> {
  const folded = foldStatuses(part);
  return {
    deadLetters: folded.deadLetters,
    rows: 0,
    retractions: [],
    write: (transaction, { incarnation }) => writeFolded(transaction, folded, { revocationTopic, incarnation }),
  };
}

async function writeFolded(
  transaction: Queryable,
  { components, backfills, deadLetters }: FoldedStatuses,
  { revocationTopic, incarnation }: { readonly revocationTopic: string; readonly incarnation: string },
): Promise<void> {
  for (const { status, origin } of components) {
    const from = { ...origin, revocationTopic, topicIncarnation: status.topicIncarnation ?? null };
    await upsertComponentStatus(transaction, status, from);
    if (status.coverage !== null) await insertCoverageClaim(transaction, status.component, status.coverage, from);
  }
  for (const { status, times } of backfills) await upsertBackfill(transaction, status, times);
  await pruneCoverageClaims(transaction);
  await insertDeadLetters(
    transaction,
    deadLetters.map((letter) => ({ ...letter, incarnation })),
  );
}

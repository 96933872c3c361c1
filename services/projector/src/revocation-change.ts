import { decodeUtf8, parseRevocationKey } from '@hybrid-sync/domain';
import type { LogRecord, RecordBatch } from '@hybrid-sync/kafka';
import {
  deleteRevocations,
  hasDeadLettersAhead,
  hasOpenDeadLetters,
  insertDeadLetters,
  insertRetractions,
  overtakeDeadLetters,
  packRevocations,
  supersedeDeadLetters,
  upsertRevocations,
  type PackedRevocations,
  type Queryable,
  type Slot,
} from '@hybrid-sync/store';
import { foldRevocations, type FoldedBatch, type ParseRevocation } from './revocation-fold.js';
import type { Located, TopicChange } from './topic-change.js';

export interface LocatedGeneration extends Located {
  readonly slot: Slot;
  /** Dead letters keep answers of the active generation back: what another one has read on ahead settles none of them. */
  readonly isActive: boolean;
}

export function revocationChange(part: RecordBatch, parse: ParseRevocation): TopicChange<LocatedGeneration> {
  const folded = foldRevocations(part, parse);
  const { deadLetters, retractions, upserts } = folded;
  const packed = packRevocations(upserts);
  return {
    deadLetters,
    retractions,
    rows: upserts.length,
    write: (transaction, located) => writeFolded(transaction, part, { folded, packed, located }),
  };
}

/** As malformed: the record takes its key back where that can be read. */
export function refusedParse(reason: string): ParseRevocation {
  return (record) => ({ kind: 'malformed', key: revocationKeyOf(record), reason });
}

function revocationKeyOf({ key }: LogRecord): string | null {
  const text = key === null ? null : decodeUtf8(key);
  return text === null || parseRevocationKey(text) === null ? null : text;
}

interface Written {
  readonly folded: FoldedBatch;
  readonly packed: PackedRevocations;
  readonly located: LocatedGeneration;
}

/** Deletes before upserts (see FoldedBatch), letters before what supersedes them. */
async function writeFolded(transaction: Queryable, part: RecordBatch, written: Written): Promise<void> {
  const { folded, packed, located } = written;
  const { slot, incarnation, generation } = located;
  await deleteRevocations(transaction, slot, folded.deletes);
  await upsertRevocations(transaction, slot, packed);
  await insertRetractions(transaction, incarnation, folded.retractions);
  const letters = folded.deadLetters.map((letter) => ({ ...letter, incarnation }));
  await insertDeadLetters(transaction, letters, generation);
  await settleLetters(transaction, part, written);
}

async function settleLetters(
  transaction: Queryable,
  { topic, partition, nextOffset }: RecordBatch,
  { folded, located }: Written,
): Promise<void> {
  const { generation, incarnation, isActive } = located;
  const place = { topic, incarnation, partition };
  const isAny = isActive
    ? await hasOpenDeadLetters(transaction, place)
    : await hasDeadLettersAhead(transaction, place, generation);
  if (!isAny) return;
  for (const [below, revocationKeys] of keysByLimit(folded, nextOffset)) {
    const superseded = { ...place, revocationKeys, below };
    if (isActive) await supersedeDeadLetters(transaction, superseded);
    else await overtakeDeadLetters(transaction, superseded, generation);
  }
}

/** Most keys end well, and one statement serves them all; a key whose last record is malformed has a limit of its own. */
function keysByLimit({ good, deadLetters }: FoldedBatch, nextOffset: number): ReadonlyMap<number, readonly string[]> {
  const lastBad = new Map(deadLetters.map(({ revocationKey, offset }) => [revocationKey, offset]));
  const byLimit = new Map<number, string[]>();
  for (const [key, offset] of good) {
    const limit = (lastBad.get(key) ?? -1) > offset ? offset : nextOffset;
    const keys = byLimit.get(limit);
    if (keys === undefined) byLimit.set(limit, [key]);
    else keys.push(key);
  }
  return byLimit;
}

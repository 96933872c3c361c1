import { expect } from '@jest/globals';
import { isDeepStrictEqual } from 'node:util';
import { differences, type Difference } from '../differences.js';
import type { TopicRecord } from '../topic-client.js';
import { expectedEntries } from './expected-entries.js';
import { expectedRevocations, type ExpectedLetter, type ExpectedRevocations } from './expected-revocations.js';
import { expectedStatuses, type ExpectedClaim, type ExpectedStatuses } from './expected-statuses.js';
import type { Deployment } from './revocation-value.js';
import { leftBehind, mixedRows, textRows, type Query } from './tables.js';

export interface FoldedTopics {
  readonly query: Query;
  readonly deployment: Deployment;
  readonly topics: { readonly revocations: string; readonly status: string; readonly entries: string };
  /** What was ever written to each topic, and what compaction has left of the revocations. */
  readonly revocations: readonly TopicRecord[];
  readonly retained: readonly TopicRecord[];
  readonly statuses: readonly TopicRecord[];
  readonly entries: readonly TopicRecord[];
  /** `partition` to the end of the revocation topic. */
  readonly ends: ReadonlyMap<number, number>;
  /** Whether another generation is, or may be, served than the first one. */
  readonly rebuilt: boolean;
}

/** Every table is, row by row, what an independent fold of the topics gives. Everything must have been applied. */
export async function expectTables(folded: FoldedTopics): Promise<void> {
  const about = { topic: folded.topics.revocations, deployment: folded.deployment };
  const all = expectedRevocations(folded.revocations, about);
  const left = expectedRevocations(folded.retained, about);
  expect(first('compaction', differences(rowsOf(all), rowsOf(left)))).toEqual([]);
  const isRevoked = (key: string): boolean => all.live.has(key);
  const entries = expectedEntries(folded.entries, { topic: folded.topics.entries, isRevoked });
  const statuses = expectedStatuses(folded.statuses, folded.topics.status);
  const letters = { all: all.letters, left: left.letters, others: [statuses.letters, entries.letters] };
  const found = [
    ...(await revocationDifferences(folded, all, entries.signatures)),
    ...(await countDifferences(folded)),
    ...(await retractionDifferences(folded, all, left)),
    ...(await letterDifferences(folded, letters)),
    ...(await entryDifferences(folded, entries.rows)),
    ...(await statusDifferences(folded, statuses)),
    ...(await coverageDifferences(folded, statuses, all)),
    ...(await folded.query(leftBehind)),
  ];
  expect(found).toEqual([]);
}

function rowsOf({ live }: ExpectedRevocations): ReadonlyMap<string, unknown> {
  return new Map([...live].map(([key, { row }]) => [key, row]));
}

/** The first ones, with where they were found, and how many there are. */
function first(table: string, all: readonly Difference<unknown, unknown>[]): readonly unknown[] {
  return all.slice(0, 3).map((difference) => ({ table, of: all.length, ...difference }));
}

async function revocationDifferences(
  { query, revocations, retained }: FoldedTopics,
  { live }: ExpectedRevocations,
  signatures: ReadonlyMap<string, string>,
): Promise<readonly unknown[]> {
  // Who was first is known as far as the first record is still there for whoever reads the topic later.
  const isCompacted = retained.length < revocations.length;
  const actual = await textRows(
    query,
    'revoked_signatures',
    (row) => `${row['lock_id'] ?? ''}-${row['signature_hash'] ?? ''}`,
  );
  const found = differences(
    live,
    actual,
    ({ row, publishers }, { first_published_by: publisher, signature, ...rest }) => {
      const allowed = isCompacted ? publishers : publishers.slice(0, 1);
      const key = `${row.lock_id}-${row.signature_hash}`;
      return (
        isDeepStrictEqual({ ...row }, rest) &&
        allowed.includes(publisher ?? '') &&
        (signature ?? null) === (signatures.get(key) ?? null)
      );
    },
  );
  return first('revoked_signatures', found);
}

/** The counters are what counting the rows gives. */
async function countDifferences({ query }: FoldedTopics): Promise<readonly unknown[]> {
  const by = ({ partition, first_published_by: publisher }: Readonly<Record<string, string | null>>): string =>
    `${partition ?? ''} ${publisher ?? ''}`;
  const rows = await textRows(
    query,
    'revoked_signatures',
    (row) => `${row['lock_id'] ?? ''}-${row['signature_hash'] ?? ''}`,
  );
  const counted = new Map(
    [...Map.groupBy(rows.values(), by)].map(([group, members]) => [group, String(members.length)]),
  );
  const kept = [...(await textRows(query, 'revocation_counts', by))]
    .map(([group, { revocations }]) => [group, revocations ?? ''] as const)
    .filter(([, revocations]) => revocations !== '0');
  return first('revocation_counts', differences(counted, new Map(kept)));
}

/** What compaction has taken away need not have been met, and what is left must have been. */
async function retractionDifferences(
  { query }: FoldedTopics,
  all: ExpectedRevocations,
  left: ExpectedRevocations,
): Promise<readonly unknown[]> {
  const at = (row: Readonly<Record<string, string | null>>): string =>
    `${row['partition'] ?? ''}/${row['record_offset'] ?? ''}`;
  const actual = await textRows(query, 'retractions', at);
  const found = differences(all.retractions, actual, (expected, { incarnation: _, ...rest }) =>
    isDeepStrictEqual({ ...expected }, rest),
  );
  return first(
    'retractions',
    found.filter(({ key, actual: row }) => row !== null || left.retractions.has(key)),
  );
}

interface Letters {
  readonly all: ReadonlyMap<string, ExpectedLetter>;
  readonly left: ReadonlyMap<string, ExpectedLetter>;
  readonly others: readonly ReadonlyMap<string, ExpectedLetter>[];
}

async function letterDifferences(folded: FoldedTopics, { all, left, others }: Letters): Promise<readonly unknown[]> {
  const whole = new Map([all, ...others].flatMap((letters) => [...letters.values()]).map((one) => [placeOf(one), one]));
  const lasting = new Set([left, ...others].flatMap((letters) => [...letters.values()]).map(placeOf));
  const broken = new Set([...all.values()].filter(({ superseded }) => !superseded).map((one) => one.revocation_key));
  const actual = await mixedRows(folded.query, 'dead_letters', (row) => placeOf(row));
  const found = differences(whole, actual, (expected, { resolution, reason, incarnation: _, ...rest }) => {
    const { superseded, ...letter } = expected;
    const isLasting = lasting.has(placeOf(expected));
    const wanted = superseded ? ['superseded'] : [null];
    // Its successor may have gone with it, so that only the next one settles the key.
    const tolerated = isLasting
      ? []
      : [...(folded.rebuilt ? ['rebuild'] : []), ...(broken.has(expected.revocation_key) ? [null, 'superseded'] : [])];
    return (
      isDeepStrictEqual({ ...letter }, rest) &&
      typeof reason === 'string' &&
      reason !== '' &&
      [...wanted, ...tolerated].some((one) => one === resolution)
    );
  });
  return first(
    'dead_letters',
    found.filter(({ key, actual: row }) => row !== null || lasting.has(key)),
  );
}

function placeOf({ topic, partition, record_offset: offset }: Place): string {
  return [topic, partition, offset].join('/');
}

interface Place {
  readonly topic?: unknown;
  readonly partition?: unknown;
  readonly record_offset?: unknown;
}

async function entryDifferences(
  { query }: FoldedTopics,
  expected: ReadonlyMap<string, Readonly<Record<string, string | null>>>,
): Promise<readonly unknown[]> {
  const actual = await mixedRows(query, 'signature_entries', ({ id }) => String(id));
  return first('signature_entries', differences(expected, actual, sameButFor('metadata')));
}

/** @param column is JSON text on the expected side, and a value on the other */
function sameButFor(column: string) {
  return (expected: Readonly<Record<string, unknown>>, actual: Readonly<Record<string, unknown>>): boolean => {
    const parsed: unknown = JSON.parse(String(expected[column]));
    return isDeepStrictEqual({ ...expected, [column]: parsed }, { ...actual });
  };
}

async function statusDifferences(
  { query }: FoldedTopics,
  { components, backfills }: ExpectedStatuses,
): Promise<readonly unknown[]> {
  const said = await mixedRows(query, 'component_status', ({ component }) => String(component));
  const commands = await textRows(query, 'backfills', (row) => row['command_id'] ?? '');
  return [
    ...first('component_status', differences(components, said, sameButFor('audit'))),
    ...first(
      'backfills',
      differences(backfills, commands, (one, other) => isDeepStrictEqual({ ...one }, { ...other })),
    ),
  ];
}

/** Believed is the last claim whose records have been applied; which of those before the last are known, batches decide. */
async function coverageDifferences(
  { query, ends, revocations, retained }: FoldedTopics,
  { claims, silent }: ExpectedStatuses,
  { retractions }: ExpectedRevocations,
): Promise<readonly unknown[]> {
  const actual = await textRows(query, 'applied_coverage', (row) => row['component'] ?? '');
  // A retraction that compaction took away may have been met, or not.
  const isCompacted = retained.length < revocations.length;
  const isApplied = ({ offsets }: ExpectedClaim): boolean =>
    Object.entries(offsets).every(([partition, offset]) => offset <= (ends.get(Number(partition)) ?? 0));
  const isContradicted = ({ offsets, coveredTo }: ExpectedClaim): boolean =>
    [...retractions.values()].some(
      ({ partition, record_offset: at, block_number: block }) =>
        Number(at) >= (offsets[partition] ?? 0) && Number(block ?? 0) <= coveredTo,
    );
  const found = differences(claims, actual, (said, { contradicted, ...rest }) => {
    const last = said.at(-1);
    const isLast = last !== undefined && isApplied(last) && !silent.has(rest['component'] ?? '');
    const possible = isLast ? [last] : said.filter(isApplied);
    return possible.some(
      (claim) =>
        isDeepStrictEqual({ ...claim.row }, rest) && (isCompacted || contradicted === String(isContradicted(claim))),
    );
  });
  const mayBeMissing = (component: string): boolean => {
    const last = claims.get(component)?.at(-1);
    return last === undefined || !isApplied(last) || silent.has(component);
  };
  return first(
    'applied_coverage',
    found.filter(({ key, actual: row }) => row !== null || !mayBeMissing(key)),
  );
}

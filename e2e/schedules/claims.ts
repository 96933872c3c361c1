import { z } from 'zod';
import type { Revocations } from '../canonical-revocations.js';
import type { TopicRecord } from '../topic-client.js';

const offsets = z.record(z.string(), z.number());
const claim = z.looseObject({
  component: z.enum(['ingest-realtime', 'ingest-batch']),
  coveredFrom: z.number(),
  coveredTo: z.number(),
  coveredToHash: z.string(),
  offsets,
  proof: z.enum(['receipts', 'bloom', 'none']),
  /** "Not revoked" is not said of what is covered while this is `pending` or a mismatch. */
  audit: z.unknown(),
});
const componentRecord = z.looseObject({
  kind: z.literal('component'),
  component: z.string(),
  finalityViolation: z.unknown(),
});
const fact = z.looseObject({
  kind: z.string(),
  blockNumber: z.number(),
  blockHash: z.string(),
  logIndex: z.number(),
});

export type Claim = z.infer<typeof claim>;

/** What the components have said of their coverage, from this record of the sync-status topic on; the same once. */
export function claimsOf(statuses: readonly TopicRecord[], from = 0): readonly Claim[] {
  const said = statuses.slice(from).flatMap(({ value }) => {
    const parsed = claim.safeParse(parse(value));
    return parsed.success ? [parsed.data] : [];
  });
  return [
    ...new Map(said.map((one) => [JSON.stringify([one.component, one.coveredToHash, one.offsets]), one])).values(),
  ];
}

/** The last word of a component; null before the first. */
export function lastClaim(statuses: readonly TopicRecord[], component: string): Claim | null {
  const last = statuses.findLast(({ key }) => String(key) === component);
  return claim.safeParse(parse(last?.value ?? null)).data ?? null;
}

/** The violations of finality that were reported. */
export function reportedViolations(statuses: readonly TopicRecord[]): readonly unknown[] {
  return statuses.flatMap(({ value }) => {
    const parsed = componentRecord.safeParse(parse(value));
    return parsed.success && parsed.data.finalityViolation !== null ? [parsed.data.finalityViolation] : [];
  });
}

/** The chain as it stands: what each block is called, and the revocations. */
export interface Canonical {
  readonly hashes: ReadonlyMap<number, string>;
  readonly revocations: Revocations;
}

/**
 * A claim on the present branch says: whoever has applied the records below its offsets has every revocation of its
 * blocks. Gives the claims that are wrong, with the keys that are missing. Claims on other branches cannot be checked.
 */
export function brokenClaims(
  claims: readonly Claim[],
  records: readonly TopicRecord[],
  canonical: Canonical,
): readonly string[] {
  const histories = Map.groupBy(records, ({ key }) => String(key));
  const checkable = claims.filter(({ coveredTo, coveredToHash }) => canonical.hashes.get(coveredTo) === coveredToHash);
  return checkable.flatMap((one) => {
    const covered = [...canonical.revocations].filter(
      ([, { blockNumber }]) => blockNumber >= one.coveredFrom && blockNumber <= one.coveredTo,
    );
    const missing = covered.filter(([key, log]) => !isLiveBelow(one.offsets, histories.get(key) ?? [], log));
    return missing.length === 0 ? [] : [describe(one, missing)];
  });
}

type Log = Revocations extends ReadonlyMap<string, infer Value> ? Value : never;

function isLiveBelow(below: Claim['offsets'], history: readonly TopicRecord[], log: Log): boolean {
  const last = history.findLast(({ partition, offset }) => offset < (below[String(partition)] ?? 0));
  const parsed = fact.safeParse(parse(last?.value ?? null)).data;
  return parsed?.kind === 'revoked' && parsed.blockHash === log.blockHash && parsed.logIndex === log.logIndex;
}

/** Records of revocations that their block, which still stands, does not have. */
export function inventions(records: readonly TopicRecord[], canonical: Canonical): readonly string[] {
  return records.flatMap(({ key, value }) => {
    const said = fact.safeParse(parse(value)).data;
    if (said?.kind !== 'revoked' || canonical.hashes.get(said.blockNumber) !== said.blockHash) return [];
    const log = canonical.revocations.get(String(key));
    const isThere = log?.blockHash === said.blockHash && log.logIndex === said.logIndex;
    return isThere ? [] : [`${String(key)} in block ${said.blockNumber}`];
  });
}

function describe(
  { component, coveredFrom, coveredTo, offsets: below }: Claim,
  missing: readonly [string, Log][],
): string {
  const first = missing.slice(0, 3).map(([key, { blockNumber }]) => `${key} of block ${blockNumber}`);
  return [
    `${component} claimed ${coveredFrom}..${coveredTo} below ${JSON.stringify(below)}`,
    `without ${missing.length}: ${first.join(', ')}`,
  ].join(' ');
}

function parse(value: Buffer | null): unknown {
  return value === null ? null : JSON.parse(String(value));
}

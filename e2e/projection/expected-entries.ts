import { isDeepStrictEqual } from 'node:util';
import { z } from 'zod';
import type { TopicRecord } from '../topic-client.js';
import { letterOf, type ExpectedLetter } from './expected-revocations.js';
import { jsonOf } from './revocation-value.js';

const hash = z.string().regex(/^0x[0-9a-f]{64}$/);
const entry = z.strictObject({
  schemaVersion: z.literal(1),
  kind: z.literal('entry'),
  entryId: z.uuid().lowercase(),
  lockId: z.string().regex(/^[1-9][0-9]*$/),
  signature: z.string().min(1),
  publicKey: z.string().nullable(),
  owner: z.string().nullable(),
  message: z.string().nullable(),
  transactionHash: hash.nullable(),
  blockNumber: z.int().nullable(),
  timestamp: z.iso.datetime({ precision: 3 }),
  metadata: z.record(z.string(), z.unknown()),
});
type Entry = z.infer<typeof entry>;

/** Text of a signature whose hash is known here without computing it. */
export const knownSignature = {
  text: 'a signature',
  hash: '0x5f5a29e037f49946bb623e41e88eaa703f3eb646e9228f8d5cc5ad72c627f01d',
} as const;

/** A row of `signature_entries`. */
type Row = Readonly<Record<string, string | null>>;

export interface ExpectedEntries {
  /** By id. */
  readonly rows: ReadonlyMap<string, Row>;
  /** Text of the signature by `lockId-signatureHash`, where an entry tells it. */
  readonly signatures: ReadonlyMap<string, string>;
  readonly letters: ReadonlyMap<string, ExpectedLetter>;
}

/** The first record of an id counts; the same again changes nothing; another one under the same id is put aside. */
export function expectedEntries(
  records: readonly TopicRecord[],
  { topic, isRevoked }: { readonly topic: string; readonly isRevoked: (revocationKey: string) => boolean },
): ExpectedEntries {
  const entries = new Map<string, Entry>();
  const letters = new Map<string, ExpectedLetter>();
  for (const record of records) {
    const value = entry.safeParse(jsonOf(record.value)).data;
    const known = entries.get(String(record.key));
    const isFirstOrSame = known === undefined || isDeepStrictEqual(known, value);
    if (value?.entryId === String(record.key) && isFirstOrSame) entries.set(value.entryId, value);
    else letters.set(`${record.partition}/${record.offset}`, letterOf(topic, record));
  }
  const sorted = [...entries.values()].sort((a, b) => (a.entryId < b.entryId ? -1 : 1));
  const texts = sorted.filter(({ signature }) => signature === knownSignature.text);
  return {
    rows: new Map(sorted.map((value) => [value.entryId, rowOf(value, isRevoked)])),
    signatures: new Map(texts.map((value) => [keyOf(value), value.signature])),
    letters,
  };
}

function keyOf({ lockId, signature }: Entry): string {
  return `${lockId}-${signature === knownSignature.text ? knownSignature.hash : signature}`;
}

function rowOf(value: Entry, isRevoked: (revocationKey: string) => boolean): Row {
  return {
    id: value.entryId,
    lock_id: value.lockId,
    signature: value.signature,
    public_key: value.publicKey,
    owner: value.owner,
    message: value.message,
    was_revoked: String(isRevoked(keyOf(value))),
    transaction_hash: value.transactionHash,
    block_number: value.blockNumber === null ? null : String(value.blockNumber),
    timestamp: value.timestamp,
    metadata: JSON.stringify(value.metadata),
  };
}

import { utf8ToBytes } from '@noble/hashes/utils.js';
import { z } from 'zod';
import { blockNumber } from './block.js';
import { entryMetadata, isStorable } from './entry-metadata.js';
import { canonicalAddress, canonicalHash32 } from './hex.js';
import { decodeUtf8, describeProblems, parseJson } from './json.js';
import { lockId } from './lock-id.js';
import { readSignature } from './signature-hash.js';

const maxPublicKeyBytes = 4_096;
const maxMessageBytes = 65_536;

/** One spelling: the key decides on the partition, and records of one entry must meet in it. */
const entryId = z
  .uuid()
  .refine((id) => id === id.toLowerCase(), 'must be a UUID in lower case')
  .describe('Chosen by whoever records the entry; a second record with it changes nothing.');

const signature = z.string().superRefine((text, context) => {
  const reading = readSignature(text);
  if (reading.kind === 'malformed') context.addIssue({ code: 'custom', message: reading.reason });
});

/** From 1970 on; inside, milliseconds since the epoch. */
const wireMilliseconds = z.iso
  .datetime({ precision: 3 })
  .transform((text) => Date.parse(text))
  .refine((ms) => ms >= 0, 'must not be before 1970');

/** A signature that somebody verified, for the audit trail: the value of a record of the entries topic. */
const entryRecord = z.strictObject({
  schemaVersion: z.literal(1),
  kind: z.literal('entry'),
  entryId,
  lockId,
  /** The signature, or its hash, as a caller of the REST API may write them. */
  signature,
  /** As its owner writes it: hex, base64, PEM. */
  publicKey: textOf({ atLeast: 1, atMost: maxPublicKeyBytes }).nullable(),
  owner: canonicalAddress.nullable(),
  message: textOf({ atLeast: 0, atMost: maxMessageBytes }).nullable(),
  transactionHash: canonicalHash32.nullable(),
  blockNumber: blockNumber.nullable(),
  /** When it was verified. */
  timestamp: wireMilliseconds,
  metadata: entryMetadata,
});
export type EntryRecord = z.infer<typeof entryRecord>;

/** An {@link EntryRecord} before it is one; `timestamp` in milliseconds since the epoch. */
export type SignatureEntry = Readonly<Omit<EntryRecord, 'schemaVersion' | 'kind'>>;

/** Byte-identical for equal entries, but for the order of what is in `metadata`. */
export function encodeEntry(entry: SignatureEntry): string {
  const wire: z.input<typeof entryRecord> = {
    schemaVersion: 1,
    kind: 'entry',
    entryId: entry.entryId,
    lockId: entry.lockId.toString(),
    signature: entry.signature,
    publicKey: entry.publicKey,
    owner: entry.owner,
    message: entry.message,
    transactionHash: entry.transactionHash,
    blockNumber: entry.blockNumber,
    timestamp: new Date(entry.timestamp).toISOString(),
    metadata: entry.metadata,
  };
  return JSON.stringify(wire);
}

export type ParsedEntryRecord =
  | { readonly kind: 'record'; readonly record: EntryRecord }
  /** The reason repeats nothing of the signature. */
  | { readonly kind: 'malformed'; readonly reason: string };

/** Parses one record of the entries topic and checks it against its own key, which is the entry's id. */
export function parseEntryRecord(key: Uint8Array | null, value: Uint8Array | null): ParsedEntryRecord {
  const json = value === null ? undefined : parseJson(value);
  if (json === undefined) return malformed('the value is not JSON');
  const parsed = entryRecord.safeParse(json);
  if (!parsed.success) return malformed(describeProblems(parsed.error));
  const id = key === null ? null : decodeUtf8(key);
  if (id !== parsed.data.entryId) return malformed('the key is not the id of the entry');
  return { kind: 'record', record: parsed.data };
}

function textOf({ atLeast, atMost }: { readonly atLeast: number; readonly atMost: number }): z.ZodString {
  return z
    .string()
    .min(atLeast, 'must not be empty')
    .refine(isStorable, 'must hold no NUL and no lone surrogate')
    .refine((text) => utf8ToBytes(text).length <= atMost, `must be at most ${atMost} bytes`);
}

function malformed(reason: string): ParsedEntryRecord {
  return { kind: 'malformed', reason };
}

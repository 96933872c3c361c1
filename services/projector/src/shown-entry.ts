import { address, decodeUtf8, hash32, lockId } from '@hybrid-sync/domain';
import { z } from 'zod';
import { showBytes, type ShownBytes } from './shown-bytes.js';

/**
 * The value of a record of the entries topic with nothing in it that may be a signature: fields that are known and what
 * they ought to be are shown, of everything else that it is there.
 */
export function showEntry(value: Uint8Array): ShownBytes {
  const fields = fieldsOf(value);
  if (fields === null) return { withheldBytes: value.length };
  const shown = Object.entries(fields).filter(([name]) => Object.hasOwn(harmless, name));
  const hidden = Object.keys(fields).length - shown.length;
  const text = Object.fromEntries(shown.map(([name, held]) => [name, shownField(name, held)]));
  return { text: JSON.stringify(hidden === 0 ? text : { ...text, withheldFields: hidden }) };
}

/** An entry's key is its id; anything else may be a signature. */
export function showEntryKey(key: Uint8Array): ShownBytes {
  return z.uuid().safeParse(decodeUtf8(key)).success ? showBytes(key) : { withheldBytes: key.length };
}

const withheld = 'withheld';

const harmless: Readonly<Record<string, z.ZodType>> = {
  schemaVersion: z.number(),
  kind: z.enum(['entry', 'revoked', 'retracted']),
  entryId: z.uuid(),
  lockId,
  owner: address.nullable(),
  transactionHash: hash32.nullable(),
  blockNumber: z.number().nullable(),
  timestamp: z.iso.datetime(),
  signature: z.never(),
  publicKey: z.never(),
  message: z.never(),
  metadata: z.never(),
};

function shownField(name: string, value: unknown): unknown {
  return harmless[name]?.safeParse(value).success === true ? value : withheld;
}

function fieldsOf(value: Uint8Array): object | null {
  try {
    const json: unknown = JSON.parse(decodeUtf8(value) ?? '');
    return typeof json === 'object' && json !== null && !Array.isArray(json) ? json : null;
  } catch {
    return null;
  }
}

import {
  encodeEntry,
  encodeRetracted,
  encodeRevoked,
  revocationKey,
  type ContractIdentity,
  type RevocationLog,
  type SignatureEntry,
  type Source,
} from '@hybrid-sync/domain';
import type { LogRecord, RecordBatch } from '@hybrid-sync/kafka';
import { hashOf, identity, lockIdOf, revocationLog } from '../../../../libs/domain/src/testing/arbitraries.js';
import { signatureEntry } from '../../../../libs/domain/src/testing/entries.js';

/** A record before it has a place on a topic. */
export interface Written {
  readonly key: string | Uint8Array | null;
  readonly value: string | Uint8Array | null;
  readonly headers?: Readonly<Record<string, string>>;
}

/** A log of the given lock and signature; logs of different blocks are different logs. */
export function logOf(lock: number, signature: number, block = 1000): RevocationLog {
  return revocationLog({
    lockId: lockIdOf(lock),
    signatureHash: hashOf(signature),
    blockNumber: block,
    blockHash: hashOf(0xb10c0000 + block),
    blockTimestamp: 1_700_000_000 + block,
    transactionHash: hashOf(0x7a000000 + block),
    logIndex: signature % 100,
  });
}

export function revoked(log: RevocationLog, source: Source = 'realtime', about: ContractIdentity = identity): Written {
  return { key: revocationKey(log), value: encodeRevoked(log, about), headers: { source } };
}

export function retracted(log: RevocationLog): Written {
  return { key: revocationKey(log), value: encodeRetracted({ ...log, reason: 'reorg' }, identity) };
}

export function tombstone(log: RevocationLog): Written {
  return { key: revocationKey(log), value: null };
}

/** The records of one partition, at consecutive offsets, one second apart. */
export function recordsOf(written: readonly Written[], place = { topic: 'revocations', partition: 3 }): LogRecord[] {
  return written.map(({ key, value, headers = {} }, offset) => ({
    ...place,
    offset,
    timestamp: (1_700_000_000 + offset) * 1000,
    key: key === null ? null : Buffer.from(key),
    value: value === null ? null : Buffer.from(value),
    headers: Object.fromEntries(Object.entries(headers).map(([name, text]) => [name, Buffer.from(text)])),
  }));
}

/** All of the records as one batch. */
export function batchOf(records: readonly LogRecord[]): RecordBatch {
  const [first] = records;
  const fromOffset = first?.offset ?? 0;
  const nextOffset = fromOffset + records.length;
  const place = { topic: first?.topic ?? '', partition: first?.partition ?? 0 };
  return { ...place, fromOffset, nextOffset, endOffset: nextOffset, records };
}

/** The same records cut into batches of the given sizes; what is left over is the last one. */
export function batchesOf(records: readonly LogRecord[], sizes: readonly number[]): readonly RecordBatch[] {
  const batches: RecordBatch[] = [];
  let from = 0;
  for (const size of [...sizes, records.length]) {
    const part = records.slice(from, from + size);
    if (part.length > 0) batches.push(batchOf(part));
    from += size;
  }
  return batches;
}

/** An entry of lock 7 whose id reads as the number. */
export function entryOf(id: number, fields: Partial<SignatureEntry> = {}): SignatureEntry {
  return signatureEntry({
    entryId: `00000000-0000-4000-8000-${id.toString(16).padStart(12, '0')}`,
    lockId: lockIdOf(7),
    ...fields,
  });
}

export function entryRecord(entry: SignatureEntry): Written {
  return { key: entry.entryId, value: encodeEntry(entry) };
}

import type { StoredLetter } from '@hybrid-sync/store';

/** An unresolved dead letter of the revocation topic. */
export function storedLetter(fields: Partial<StoredLetter> = {}): StoredLetter {
  return {
    topic: 'sepolia.signature-revocations.v1',
    incarnation: 'abc',
    partition: 3,
    offset: 77,
    key: Buffer.from('1-0xab'),
    revocationKey: '1-0xab',
    value: Buffer.from('{"kind":"revoked"}'),
    headers: { source: Buffer.from('realtime').toString('base64') },
    reason: 'lockId: is required',
    createdAt: new Date('2026-11-23T13:07:32.123Z'),
    resolvedAt: null,
    resolution: null,
    resolvedBy: null,
    note: null,
    ...fields,
  };
}

import type { Outgoing } from '../topic-session.js';
import { identityOf } from './drafts.js';
import { knownSignature } from './expected-entries.js';

/** One record of the entries topic. */
export interface EntryDraft {
  readonly kind: 'entry' | 'another under the same id' | 'garbage' | 'tombstone';
  readonly entry: number;
}

export function entryOf({ kind, entry }: EntryDraft): Outgoing {
  const key = Buffer.from(entryIdOf(entry));
  if (kind === 'tombstone') return { key, value: null };
  if (kind === 'garbage') return { key, value: Buffer.from('garbage') };
  const value = valueOf(entry, kind === 'entry' ? 'open the door' : 'close the door');
  return { key, value: Buffer.from(JSON.stringify(value)) };
}

function valueOf(entry: number, message: string): object {
  // Half of them are about what the schedules revoke and take back.
  const { lockId, signatureHash } = identityOf(entry % 2 === 0 ? entry / 2 : 10_000 + entry);
  return {
    schemaVersion: 1,
    kind: 'entry',
    entryId: entryIdOf(entry),
    lockId,
    signature: signatureHash === knownSignature.hash ? knownSignature.text : signatureHash,
    publicKey: entry % 3 === 0 ? null : 'a public key',
    owner: entry % 3 === 1 ? null : `0x${'0a'.repeat(20)}`,
    message,
    transactionHash: entry % 5 === 0 ? null : `0x${'1b'.repeat(32)}`,
    blockNumber: entry % 5 === 0 ? null : entry,
    timestamp: new Date(1_700_000_000_123 + entry * 1_000).toISOString(),
    metadata: { door: entry, at: { floor: 1 } },
  };
}

function entryIdOf(entry: number): string {
  return `00000000-0000-4000-9000-${String(entry).padStart(12, '0')}`;
}

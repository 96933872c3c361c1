import type { Outgoing } from '../topic-session.js';
import { knownSignature } from './expected-entries.js';
import type { Deployment } from './revocation-value.js';

/** The contract that the topics of these tests are about. */
export const deployment: Deployment = { chainId: 31_337, contract: `0x${'c0ffee'.padStart(40, '0')}` };

export const draftKinds = [
  'revoked',
  'retracted',
  'tombstone',
  'same log, other owner',
  'not JSON',
  'not UTF-8',
  'no fields',
  'unknown field',
  'unknown version',
  'other chain',
  'other contract',
  'value of another key',
  'topics of another log',
  'key that cannot be read',
  'key in another spelling',
] as const;
/** What only the database refuses: where a later record of the key comes in the same batch, nobody tries to store it. */
type UnstorableKind = 'more than a column holds' | 'before the first year';
export type DraftKind = (typeof draftKinds)[number] | UnstorableKind;

export const sources = ['realtime', 'batch', 'force-sync', 'somebody else', null] as const;

/** One record of the revocation topic. */
export interface Draft {
  readonly kind: DraftKind;
  /** Which revocation it is about. */
  readonly revocation: number;
  /** Another one is another log of the same revocation. */
  readonly log: number;
  readonly source: (typeof sources)[number];
}

const locks = ['1', '2', '7', '12345', String(2n ** 256n - 1n)] as const;

export function identityOf(revocation: number): { readonly lockId: string; readonly signatureHash: string } {
  const signatureHash = revocation === 0 ? knownSignature.hash : hashOf(revocation);
  return { lockId: locks[revocation % locks.length] ?? '1', signatureHash };
}

export function keyOf(revocation: number): string {
  const { lockId, signatureHash } = identityOf(revocation);
  return `${lockId}-${signatureHash}`;
}

export function recordOf(draft: Draft): Outgoing {
  const { kind, source } = draft;
  return { key: keyBytes(draft), value: valueOf(kind, draft), headers: source === null ? {} : { source } };
}

function keyBytes({ kind, revocation }: Draft): Buffer {
  if (kind === 'key that cannot be read') return Buffer.from([0xff, revocation]);
  const key = keyOf(revocation);
  return Buffer.from(kind === 'key in another spelling' ? `0${key}` : key);
}

function valueOf(kind: DraftKind, draft: Draft): Buffer | null {
  if (kind === 'tombstone') return null;
  if (kind === 'not UTF-8') return Buffer.from([0x7b, 0xff, 0x7d]);
  if (kind === 'not JSON') return Buffer.from('{"schemaVersion":1,');
  return Buffer.from(JSON.stringify(kind === 'no fields' ? {} : fieldsOf(kind, draft)));
}

function fieldsOf(kind: DraftKind, draft: Draft): object {
  if (kind === 'retracted') return retractedValue(draft);
  return {
    ...revokedValue(kind === 'value of another key' ? { ...draft, revocation: draft.revocation + 1 } : draft),
    ...changeOf(kind),
  };
}

function changeOf(kind: DraftKind): object {
  switch (kind) {
    case 'unknown field':
      return { note: 'x' };
    case 'unknown version':
      return { schemaVersion: 2 };
    case 'other chain':
      return { chainId: 1 };
    case 'other contract':
      return { contract: `0x${'1'.repeat(40)}` };
    case 'topics of another log':
      return { topics: Array.from({ length: 4 }, () => hashOf(1)) };
    case 'more than a column holds':
      return { logIndex: 3_000_000_000 };
    case 'before the first year':
      return { blockTimestamp: '0000-01-01T00:00:00Z' };
    default:
      return {};
  }
}

function revokedValue({ kind, revocation, log }: Draft): object {
  const { lockId, signatureHash } = identityOf(revocation);
  const owner = `0x${(kind === 'same log, other owner' ? 0xb0b : 0xa11ce).toString(16).padStart(40, '0')}`;
  const { blockNumber, blockHash, transactionHash, logIndex } = positionOf(revocation, log);
  return {
    ...head('revoked', revocation),
    owner,
    blockNumber,
    blockHash,
    blockTimestamp: new Date(1_700_000_000_000 + blockNumber * 12_000).toISOString().replace('.000Z', 'Z'),
    transactionHash,
    transactionIndex: 0,
    logIndex,
    topics: [revokedEvent, hashOf(BigInt(lockId)), signatureHash, `0x${owner.slice(2).padStart(64, '0')}`],
    data: '0x',
  };
}

function retractedValue({ revocation, log }: Draft): object {
  return {
    ...head('retracted', revocation),
    ...positionOf(revocation, log),
    reason: log % 2 === 0 ? 'reorg' : 'not-canonical',
  };
}

const revokedEvent = '0x6aafae7433d8bb4c5fa5379b396b5fd6fae3dae9fbb1b60de92f4b7c48bdf354';

function head(kind: string, revocation: number): object {
  return { schemaVersion: 1, kind, ...deployment, ...identityOf(revocation) };
}

interface Position {
  readonly blockNumber: number;
  readonly blockHash: string;
  readonly transactionHash: string;
  readonly logIndex: number;
}

function positionOf(revocation: number, log: number): Position {
  const blockNumber = 100 + (revocation % 50) + log;
  const places = { blockHash: hashOf(0xb10c0000 + blockNumber), transactionHash: hashOf(0x7a000000 + revocation) };
  return { blockNumber, ...places, logIndex: revocation % 100 };
}

export function hashOf(number: number | bigint): string {
  return `0x${number.toString(16).padStart(64, '0')}`;
}

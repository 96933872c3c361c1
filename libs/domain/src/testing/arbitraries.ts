import fc from 'fast-check';
import { address, hash32, type Address, type Hash32 } from '../hex.js';
import { lockId, type LockId } from '../lock-id.js';
import type { OffsetVector } from '../offsets.js';
import type { RevocationIdentity } from '../revocation-key.js';
import { signatureRevokedTopic, type LogPosition, type RevocationLog } from '../revocation-log.js';
import type { Retraction } from '../revocation-record.js';
import type { ComponentStatus } from '../sync-status.js';

/** The hash that reads as this number. */
export function hashOf(number: number | bigint): Hash32 {
  return hash32.parse(`0x${number.toString(16).padStart(64, '0')}`);
}

export function addressOf(number: number | bigint): Address {
  return address.parse(`0x${number.toString(16).padStart(40, '0')}`);
}

export function lockIdOf(id: number | bigint): LockId {
  return lockId.parse(id.toString());
}

/** A status that claims nothing beyond its coverage. */
export const plainClaims: Pick<ComponentStatus, 'proof' | 'windowOffsets' | 'audit' | 'missing'> = {
  proof: 'none',
  windowOffsets: new Map(),
  audit: null,
  missing: null,
};

export const identity = { chainId: 11155111, contract: addressOf(0xc0ffee) };

export const anyUint256 = fc.bigInt({ min: 0n, max: 2n ** 256n - 1n });
export const anyHash = anyUint256.map(hashOf);
export const anyCount = fc.nat({ max: Number.MAX_SAFE_INTEGER });
/** Seconds up to the end of the year 9999. */
export const anySeconds = fc.nat({ max: 253_402_300_799 });
export const anyOffsets: fc.Arbitrary<OffsetVector> = fc
  .uniqueArray(fc.tuple(fc.nat({ max: 20 }), anyCount), { selector: ([partition]) => partition })
  .map((entries) => new Map(entries));
/** UTF-8, JSON and anything else that a stranger may write. */
export const anyBytes = fc.oneof(
  fc.uint8Array({ maxLength: 200 }),
  fc.json().map(encodeUtf8),
  fc.string().map(encodeUtf8),
);

const anyPosition: fc.Arbitrary<LogPosition> = fc.record({
  blockNumber: anyCount,
  blockHash: anyHash,
  transactionHash: anyHash,
  logIndex: fc.nat({ max: 2 ** 31 - 1 }),
});

export const anyIdentity: fc.Arbitrary<RevocationIdentity> = fc.record({
  lockId: anyUint256.map(lockIdOf),
  signatureHash: anyHash,
});

export const anyLog: fc.Arbitrary<RevocationLog> = fc
  .tuple(anyIdentity, anyPosition, fc.bigInt({ min: 0n, max: 2n ** 160n - 1n }), anySeconds, anyCount)
  .map(([about, position, owner, blockTimestamp, transactionIndex]) =>
    revocationLog({ ...about, ...position, owner: addressOf(owner), blockTimestamp, transactionIndex }),
  );

export const anyRetraction: fc.Arbitrary<Retraction> = fc
  .tuple(anyIdentity, anyPosition, fc.constantFrom('reorg' as const, 'not-canonical' as const))
  .map(([about, position, reason]) => ({ ...about, ...position, reason }));

/** A log whose topics say what its fields say. */
export function revocationLog(fields: Partial<Omit<RevocationLog, 'topics' | 'data'>> = {}): RevocationLog {
  const log = { ...plainLog, ...fields };
  const topics = [
    hash32.parse(signatureRevokedTopic),
    hashOf(log.lockId),
    log.signatureHash,
    hashOf(BigInt(log.owner)),
  ] as const;
  return { ...log, topics, data: '0x' };
}

const plainLog = {
  lockId: lockIdOf(12345),
  signatureHash: hashOf(0xabc),
  owner: addressOf(0xdef),
  blockNumber: 1000,
  blockHash: hashOf(0x1000),
  blockTimestamp: 1_700_000_000,
  transactionHash: hashOf(0x7a),
  transactionIndex: 3,
  logIndex: 5,
};

export function encodeUtf8(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}

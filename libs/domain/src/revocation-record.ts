import { z } from 'zod';
import { blockNumber, blockTime, wireSeconds } from './block.js';
import { readCanonicalRevoked } from './canonical-revoked.js';
import type { ContractIdentity } from './deployment.js';
import { canonicalAddress, canonicalHash32 } from './hex.js';
import { decodeUtf8, describeProblems, parseJson } from './json.js';
import { lockId } from './lock-id.js';
import { parseRevocationKey, revocationKey, type RevocationIdentity } from './revocation-key.js';
import { signatureRevokedTopic, type LogPosition, type RevocationLog } from './revocation-log.js';

const count = z.int().min(0);
const topic = canonicalHash32;

/** The log of one revocation as a fact: the value of a record of the revocation topic. */
const revokedRecord = z.strictObject({
  schemaVersion: z.literal(1),
  kind: z.literal('revoked'),
  chainId: z.int().min(1),
  contract: canonicalAddress,
  lockId,
  signatureHash: canonicalHash32,
  owner: canonicalAddress,
  blockNumber,
  blockHash: canonicalHash32,
  blockTimestamp: wireSeconds,
  transactionHash: canonicalHash32,
  transactionIndex: count,
  logIndex: count,
  topics: z.tuple([topic, topic, topic, topic]),
  data: z.literal('0x'),
});
export type RevokedRecord = z.infer<typeof revokedRecord>;

const retractionReason = z.enum(['reorg', 'not-canonical']);
export type RetractionReason = z.infer<typeof retractionReason>;

/** Says which log no longer stands. A retraction of one log takes back whatever the key held before it. */
const retractedRecord = z.strictObject({
  schemaVersion: z.literal(1),
  kind: z.literal('retracted'),
  chainId: z.int().min(1),
  contract: canonicalAddress,
  lockId,
  signatureHash: canonicalHash32,
  blockNumber,
  blockHash: canonicalHash32,
  transactionHash: canonicalHash32,
  logIndex: count,
  reason: retractionReason,
});
export type RetractedRecord = z.infer<typeof retractedRecord>;

const revocationRecord = z.discriminatedUnion('kind', [revokedRecord, retractedRecord]);
export type RevocationRecord = z.infer<typeof revocationRecord>;

/** Which live log to take back, and why. */
export interface Retraction extends RevocationIdentity, LogPosition {
  readonly reason: RetractionReason;
}

/** Byte-identical whoever publishes it: the field order is fixed here. */
export function encodeRevoked(log: RevocationLog, { chainId, contract }: ContractIdentity): string {
  return JSON.stringify({
    schemaVersion: 1,
    kind: 'revoked',
    chainId,
    contract,
    lockId: log.lockId.toString(),
    signatureHash: log.signatureHash,
    owner: log.owner,
    blockNumber: log.blockNumber,
    blockHash: log.blockHash,
    blockTimestamp: blockTime(log.blockTimestamp),
    transactionHash: log.transactionHash,
    transactionIndex: log.transactionIndex,
    logIndex: log.logIndex,
    topics: log.topics,
    data: log.data,
  });
}

/** As {@link encodeRevoked}, for a retraction. */
export function encodeRetracted(retraction: Retraction, { chainId, contract }: ContractIdentity): string {
  return JSON.stringify({
    schemaVersion: 1,
    kind: 'retracted',
    chainId,
    contract,
    lockId: retraction.lockId.toString(),
    signatureHash: retraction.signatureHash,
    blockNumber: retraction.blockNumber,
    blockHash: retraction.blockHash,
    transactionHash: retraction.transactionHash,
    logIndex: retraction.logIndex,
    reason: retraction.reason,
  });
}

export type ParsedRevocationRecord =
  | { readonly kind: 'record'; readonly key: string; readonly record: RevocationRecord }
  | { readonly kind: 'tombstone'; readonly key: string; readonly identity: RevocationIdentity }
  /** The key is null where it cannot be read. */
  | { readonly kind: 'malformed'; readonly key: string | null; readonly reason: string };

/**
 * Parses one record of the revocation topic and checks it against its own key and topics and against the contract the
 * topic is about. A null value is a tombstone: somebody outside this system wrote it.
 */
export function parseRevocationRecord(
  key: Uint8Array | null,
  value: Uint8Array | null,
  expected: ContractIdentity,
): ParsedRevocationRecord {
  const keyText = key === null ? null : decodeUtf8(key);
  const valueText = value === null ? null : decodeUtf8(value);
  const record = readCanonicalRevoked(keyText ?? '', valueText ?? '', expected);
  if (keyText !== null && record !== null) return { kind: 'record', key: keyText, record };
  return parseAnyRevocationRecord(keyText, value, expected);
}

/** The same, of any spelling. @param key the text of the key, or null where it is not UTF-8 */
export function parseAnyRevocationRecord(
  key: string | null,
  value: Uint8Array | null,
  expected: ContractIdentity,
): ParsedRevocationRecord {
  const identity = key === null ? null : parseRevocationKey(key);
  if (key === null || identity === null) return malformed(null, 'the key is not lockId-signatureHash');
  if (value === null) return { kind: 'tombstone', key, identity };
  const json = parseJson(value);
  if (json === undefined) return malformed(key, 'the value is not JSON');
  const parsed = revocationRecord.safeParse(json);
  if (!parsed.success) return malformed(key, describeProblems(parsed.error));
  const problem = contradictionOf(parsed.data, key, expected);
  return problem === null ? { kind: 'record', key, record: parsed.data } : malformed(key, problem);
}

function malformed(key: string | null, reason: string): ParsedRevocationRecord {
  return { kind: 'malformed', key, reason };
}

function contradictionOf(record: RevocationRecord, key: string, expected: ContractIdentity): string | null {
  if (record.chainId !== expected.chainId) return `the record is of chain ${record.chainId}`;
  if (record.contract !== expected.contract) return `the record is of contract ${record.contract}`;
  if (revocationKey(record) !== key) return 'the key does not belong to the value';
  if (record.kind === 'retracted') return null;
  return saysTheSame(record) ? null : 'the topics do not say what the fields say';
}

/** The fields are canonical, so the topics that say the same are known letter by letter. */
function saysTheSame({ topics: [event, lock, signature, owner], ...record }: RevokedRecord): boolean {
  return (
    event === signatureRevokedTopic &&
    lock === `0x${record.lockId.toString(16).padStart(64, '0')}` &&
    signature === record.signatureHash &&
    owner === `0x${'0'.repeat(24)}${record.owner.slice(2)}`
  );
}

import { z } from 'zod';
import { blockNumber, blockTime, wireSeconds } from './block.js';
import type { ContractIdentity } from './deployment.js';
import { canonicalAddress, canonicalHash32 } from './hex.js';
import { lockId } from './lock-id.js';
import type { RevocationIdentity } from './revocation-key.js';
import { largestLogIndex, type LogPosition, type RevocationLog } from './revocation-log.js';

const count = z.int().min(0);
const logIndex = count.max(largestLogIndex);
/** No chain is older than the epoch. */
const chainSeconds = wireSeconds.refine((seconds) => seconds >= 0, 'before 1970');
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
  blockTimestamp: chainSeconds,
  transactionHash: canonicalHash32,
  transactionIndex: count,
  logIndex,
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
  logIndex,
  reason: retractionReason,
});
export type RetractedRecord = z.infer<typeof retractedRecord>;

export const revocationRecord = z.discriminatedUnion('kind', [revokedRecord, retractedRecord]);
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

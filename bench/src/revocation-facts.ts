import { createHash } from 'node:crypto';
import {
  address,
  hash32,
  lockId,
  signatureRevokedTopic,
  type ContractIdentity,
  type Hash32,
  type RevocationLog,
} from '@hybrid-sync/domain';
import { syntheticContract } from './synthetic-blocks.js';

export const identity: ContractIdentity = { chainId: 31_337, contract: address.parse(syntheticContract) };

const perLock = 50;
const perTransaction = 2;
const perBlock = 10;
const firstTimestamp = 1_700_000_000;
const secondsPerBlock = 12;
const event = hash32.parse(signatureRevokedTopic);

/**
 * A made-up revocation, another one for every index: some 50 of one lock, spread over the chain, two in a transaction,
 * ten in a block. What are hashes on a chain are as random here.
 */
export function revocationAt(index: number, locks: number): RevocationLog {
  const lock = (index % locks) + 1;
  const block = Math.floor(index / perBlock);
  const owner = hashOf('owner', lock).slice(26);
  const signatureHash = hashOf('signature', index);
  return {
    lockId: lockId.parse(String(lock)),
    signatureHash,
    owner: address.parse(`0x${owner}`),
    blockNumber: block,
    blockHash: hashOf('block', block),
    blockTimestamp: firstTimestamp + block * secondsPerBlock,
    transactionHash: hashOf('transaction', Math.floor(index / perTransaction)),
    transactionIndex: Math.floor((index % perBlock) / perTransaction),
    logIndex: index % perBlock,
    topics: [event, hash32.parse(`0x${lock.toString(16).padStart(64, '0')}`), signatureHash, wordOf(owner)],
    data: '0x',
  };
}

/** How many locks so many revocations belong to. */
export function locksOf(revocations: number): number {
  return Math.max(1, Math.ceil(revocations / perLock));
}

function hashOf(kind: string, number: number): Hash32 {
  return hash32.parse(`0x${createHash('sha256').update(`${kind} ${number}`).digest('hex')}`);
}

function wordOf(hexDigits: string): Hash32 {
  return hash32.parse(`0x${hexDigits.padStart(64, '0')}`);
}

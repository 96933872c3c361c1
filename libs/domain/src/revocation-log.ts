import { address, hash32, type Address, type Hash32 } from './hex.js';
import { lockId, type LockId } from './lock-id.js';

/** keccak256 of `SignatureRevoked(uint256,bytes32,address)`. */
export const signatureRevokedTopic = '0x6aafae7433d8bb4c5fa5379b396b5fd6fae3dae9fbb1b60de92f4b7c48bdf354';

/** More logs than any block holds; what every database takes. */
export const largestLogIndex = 2 ** 31 - 1;

/** Where a log stands on the chain. Two logs are the same log when block hash and log index agree. */
export interface LogPosition {
  readonly blockNumber: number;
  readonly blockHash: Hash32;
  readonly transactionHash: Hash32;
  readonly logIndex: number;
}

/** A log as an endpoint gave it, before anything in it is believed. */
export interface RawLog extends LogPosition {
  readonly address: string;
  readonly topics: readonly string[];
  readonly data: string;
  readonly transactionIndex: number;
  readonly removed: boolean;
}

/** One SignatureRevoked log. `blockTimestamp` in seconds since the epoch. */
export interface RevocationLog extends LogPosition {
  readonly lockId: LockId;
  readonly signatureHash: Hash32;
  readonly owner: Address;
  readonly blockTimestamp: number;
  readonly transactionIndex: number;
  readonly topics: readonly [Hash32, Hash32, Hash32, Hash32];
  readonly data: '0x';
}

export type DecodedLog =
  { readonly kind: 'revocation'; readonly log: RevocationLog } | { readonly kind: 'rejected'; readonly reason: string };

/**
 * Decodes by address, first topic, topic count and data length, never by the event's name: other contracts emit other
 * events of this name.
 */
export function decodeRevocationLog(raw: RawLog, contract: Address, blockTimestamp: number): DecodedLog {
  if (raw.removed) return rejected('the log is marked as removed');
  if (raw.address.toLowerCase() !== contract) return rejected('the log is from another contract');
  if (raw.data !== '0x') return rejected('the data is not empty');
  const event = decodeTopics(raw.topics);
  if (event === null) return rejected('the topics are not those of SignatureRevoked(uint256,bytes32,address)');
  const { blockNumber, blockHash, transactionHash, transactionIndex, logIndex } = raw;
  const position = { blockNumber, blockHash, blockTimestamp, transactionHash, transactionIndex, logIndex };
  return { kind: 'revocation', log: { ...event, ...position, data: '0x' } };
}

type EventFields = Pick<RevocationLog, 'lockId' | 'signatureHash' | 'owner' | 'topics'>;

/** Null where the topics are not those of the event. */
export function decodeTopics(topics: readonly string[]): EventFields | null {
  const [event, lock, signature, owner] = topics.map((topic) => hash32.safeParse(topic).data);
  if (!event || !lock || !signature || !owner || topics.length !== 4) return null;
  if (event !== signatureRevokedTopic || !owner.startsWith(`0x${'0'.repeat(24)}`)) return null;
  return {
    lockId: lockId.parse(BigInt(lock).toString()),
    signatureHash: signature,
    owner: address.parse(`0x${owner.slice(26)}`),
    topics: [event, lock, signature, owner],
  };
}

function rejected(reason: string): DecodedLog {
  return { kind: 'rejected', reason };
}

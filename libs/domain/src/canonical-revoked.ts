import type { ContractIdentity } from './deployment.js';
import { canonicalHash32, type Address, type Hash32 } from './hex.js';
import { isLockId, type LockId } from './lock-id.js';
import { signatureRevokedTopic } from './revocation-log.js';
import type { RevokedRecord } from './revocation-record.js';

/**
 * A `revoked` record in the very letters in which it is published, read without a JSON parser, and several times as fast
 * as with one. Null for everything else, valid or not: nothing is read here that the schema would refuse or read otherwise.
 * @param key the text of the record's own key
 */
export function readCanonicalRevoked(key: string, value: string, expected: ContractIdentity): RevokedRecord | null {
  const about = readKey(key);
  if (about === null) return null;
  const { lock, lockId, signatureHash } = about;
  const { chainId, contract } = expected;
  const head = `{"schemaVersion":1,"kind":"revoked","chainId":${chainId},"contract":"${contract}","lockId":"${lock}","signatureHash":"${signatureHash}","owner":"`;
  const fields = value.startsWith(head) ? readFields(value, head.length) : null;
  if (fields === null) return null;
  const topics = topicsOf(lockId, signatureHash, fields.owner);
  const tail = `"topics":["${topics.join('","')}"],"data":"0x"}`;
  if (pattern.lastIndex + tail.length !== value.length || !value.endsWith(tail)) return null;
  return { schemaVersion: 1, kind: 'revoked', chainId, contract, lockId, signatureHash, ...fields, topics, data: '0x' };
}

const hashLength = 66;
const addressLength = 42;
const lockPattern = /^(?:0|[1-9][0-9]{0,77})$/;
const hashPattern = /^0x[0-9a-f]{64}$/;

interface Key {
  readonly lock: string;
  readonly lockId: LockId;
  readonly signatureHash: Hash32;
}

function readKey(key: string): Key | null {
  const dash = key.length - hashLength - 1;
  const [lock, signatureHash] = [key.slice(0, dash), key.slice(dash + 1)];
  if (key[dash] !== '-' || !lockPattern.test(lock) || !isHash(signatureHash)) return null;
  const lockId = BigInt(lock);
  return isLockId(lockId) ? { lock, lockId, signatureHash } : null;
}

/** From the owner to the topics. A number of 15 digits is below 2^53, one of 9 below 2^31. */
const pattern = new RegExp(
  [
    '(0x[0-9a-f]{40})","blockNumber":(0|[1-9][0-9]{0,14}),"blockHash":"(0x[0-9a-f]{64})","blockTimestamp":"',
    '([0-9]{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12][0-9]|3[01])T(?:[01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9]Z)',
    '","transactionHash":"(0x[0-9a-f]{64})","transactionIndex":(0|[1-9][0-9]{0,14}),"logIndex":(0|[1-9][0-9]{0,8}),',
  ].join(''),
  'y',
);

type Fields = Pick<
  RevokedRecord,
  'owner' | 'blockNumber' | 'blockHash' | 'blockTimestamp' | 'transactionHash' | 'transactionIndex' | 'logIndex'
>;

/** Leaves the pattern where the topics begin. */
function readFields(value: string, from: number): Fields | null {
  pattern.lastIndex = from;
  const [, owner, block, blockHash, time, transactionHash, transaction, log] = pattern.exec(value) ?? [];
  if (!isMatchedAddress(owner) || !isMatchedHash(blockHash) || !isMatchedHash(transactionHash)) return null;
  const blockTimestamp = secondsOf(time ?? '');
  if (blockTimestamp === null) return null;
  const [blockNumber, transactionIndex, logIndex] = [Number(block), Number(transaction), Number(log)];
  return { owner, blockNumber, blockHash, blockTimestamp, transactionHash, transactionIndex, logIndex };
}

/** Null for a day that the month does not have, and before 1970. */
function secondsOf(time: string): number | null {
  const date = new Date(time);
  const isDay = date.getUTCDate() === Number(time.slice(8, 10)) && date.getTime() >= 0;
  return isDay ? date.getTime() / 1000 : null;
}

const event = canonicalHash32.parse(signatureRevokedTopic);

/** As the log has them, from fields that have been read: they are canonical, so these are too. */
function topicsOf(lockId: LockId, signatureHash: Hash32, owner: Address): RevokedRecord['topics'] {
  const [lock, ownerWord] = [word(lockId.toString(16)), word(owner.slice(2))];
  if (!isMatchedHash(lock) || !isMatchedHash(ownerWord)) throw new RangeError('a word has 32 bytes');
  return [event, lock, signatureHash, ownerWord];
}

/** 32 bytes with the digits at their end. */
function word(digits: string): string {
  return `0x${digits.padStart(64, '0')}`;
}

function isHash(text: string): text is Hash32 {
  return hashPattern.test(text);
}

/** The pattern has looked at every letter. */
function isMatchedHash(text: string | undefined): text is Hash32 {
  return text?.length === hashLength;
}

function isMatchedAddress(text: string | undefined): text is Address {
  return text?.length === addressLength;
}

import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { decodeRevocationLog, decodeTopics, signatureRevokedTopic, type RawLog } from './revocation-log.js';
import { signatureHashOf } from './signature-hash.js';
import { addressOf, anyLog, hashOf, identity, revocationLog } from './testing/arbitraries.js';

const log = revocationLog();
const raw: RawLog = { ...log, address: identity.contract, removed: false };

describe('the topic of the event', () => {
  it('is the hash of its signature', () => {
    expect(signatureHashOf('SignatureRevoked(uint256,bytes32,address)')).toBe(signatureRevokedTopic);
  });
});

describe('decoding a log', () => {
  it('reads lock, hash and owner from the topics and keeps the position', () => {
    expect(decodeRevocationLog(raw, identity.contract, log.blockTimestamp)).toEqual({ kind: 'revocation', log });
  });

  it('reads every log of the event', () => {
    fc.assert(
      fc.property(anyLog, (any) => {
        const decoded = decodeRevocationLog({ ...raw, ...any }, identity.contract, any.blockTimestamp);
        expect(decoded).toEqual({ kind: 'revocation', log: any });
      }),
    );
  });

  it('does not mind upper-case hex from an endpoint', () => {
    const upper = (hex: string) => `0x${hex.slice(2).toUpperCase()}`;
    const loud = { ...raw, address: upper(raw.address), topics: raw.topics.map(upper) };
    expect(decodeRevocationLog(loud, identity.contract, log.blockTimestamp)).toEqual({ kind: 'revocation', log });
  });

  const [event, lock, hash, owner] = log.topics;
  it.each([
    ['another contract', { address: addressOf(7) }],
    ['a removed log', { removed: true }],
    ['data', { data: '0x00' }],
    ['another event', { topics: [hashOf(1), lock, hash, owner] }],
    ['three topics', { topics: [event, lock, hash] }],
    ['five topics', { topics: [event, lock, hash, owner, owner] }],
    ['no topics', { topics: [] }],
    ['a topic of 31 bytes', { topics: [event, lock.slice(0, -2), hash, owner] }],
    ['a topic of 33 bytes', { topics: [event, `${lock}00`, hash, owner] }],
    ['an owner of more than 20 bytes', { topics: [event, lock, hash, hashOf(2n ** 160n)] }],
  ])('rejects %s, with a reason', (_, change) => {
    const decoded = decodeRevocationLog({ ...raw, ...change }, identity.contract, log.blockTimestamp);
    expect(decoded).toEqual({ kind: 'rejected', reason: expect.any(String) });
  });

  it('never throws on any topics, and keeps those that it accepts', () => {
    const anyTopic = fc.oneof(fc.constantFrom(...log.topics), fc.string(), fc.stringMatching(/^0x[0-9a-f]{64}$/));
    fc.assert(
      fc.property(fc.array(anyTopic, { maxLength: 6 }), (topics) => {
        const decoded = decodeTopics(topics);
        if (decoded !== null) expect(decoded.topics).toEqual(topics);
      }),
    );
  });
});

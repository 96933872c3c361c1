import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { HeaderCheck } from './header-check.js';
import { sealHeader } from './header-seal.js';

const zeros = (bytes: number): string => `0x${'00'.repeat(bytes)}`;
const emptyRoot = '0x56e81f171bcc55a6ff8345e692c0f86e5b48e01b996cadc001622fb5e363b421';

/** Block 0 of the Ethereum main network. */
const genesis = {
  number: '0x0',
  hash: '0xd4e56740f876aef8c010b86a40d5f56745a118d0906a34e69aec8c0db1cb8fa3',
  parentHash: zeros(32),
  sha3Uncles: '0x1dcc4de8dec75d7aab85b567b6ccd41ad312451b948a7413f0a142fd40d49347',
  miner: zeros(20),
  stateRoot: '0xd7f8974fb5ac78d9ac099b9ad5018bedc2ce0a72dad1827a1709da30580f0544',
  transactionsRoot: emptyRoot,
  receiptsRoot: emptyRoot,
  logsBloom: zeros(256),
  difficulty: '0x400000000',
  totalDifficulty: '0x400000000',
  gasLimit: '0x1388',
  gasUsed: '0x0',
  timestamp: '0x0',
  extraData: '0x11bbe8db4e347b4e8c937c1c8370e4b5ed33adb3db69cbdb7a38e1e50b1b82fa',
  mixHash: zeros(32),
  nonce: '0x0000000000000042',
  size: '0x21c',
  transactions: [],
  uncles: [],
};
const beside = ['hash', 'totalDifficulty', 'size', 'transactions', 'uncles'];
const inside = Object.keys(genesis).filter((name) => !beside.includes(name));

describe('the seal of a header', () => {
  it('is the hash of the block', () => {
    expect(sealHeader(genesis)?.hash).toBe(genesis.hash);
  });

  it('is another one as soon as any field that is hashed is another one', () => {
    const field = fc.constantFrom(...inside);
    fc.assert(
      fc.property(field, fc.nat(), (name, at) => {
        const changed = { ...genesis, [name]: changedDigit(String(Reflect.get(genesis, name)), at) };
        expect(sealHeader(changed)?.hash).not.toBe(genesis.hash);
      }),
    );
  });

  it('does not depend on what stands beside the header', () => {
    for (const name of beside) expect(sealHeader({ ...genesis, [name]: '0x7' })?.hash).toBe(genesis.hash);
  });

  it.each([...inside])('cannot be made without %s', (name) => {
    expect(sealHeader({ ...genesis, [name]: undefined })).toBeNull();
  });

  it.each(['0', '0x', 'x'.repeat(10), null, 7, '0x1'])('cannot be made with %p for a root', (stateRoot) => {
    expect(sealHeader({ ...genesis, stateRoot })).toBeNull();
  });
});

describe('a header', () => {
  it('is sealed when its hash follows from its fields', () => {
    expect(new HeaderCheck().verdict(genesis, genesis.hash)).toBe('sealed');
  });

  it('is forged when headers with the same fields were sealed and it is not', () => {
    const check = new HeaderCheck();
    check.verdict(genesis, genesis.hash);
    expect(check.verdict({ ...genesis, gasUsed: '0x1' }, genesis.hash)).toBe('forged');
    expect(check.verdict(genesis, zeros(32))).toBe('forged');
    expect(check.verdict(genesis, genesis.hash)).toBe('sealed');
  });

  it.each([
    ['has a field of a later fork', { blockAccessListHash: zeros(32) }],
    ['lacks a field that is hashed', { nonce: undefined }],
    ['has a field in a form of its own', { nonce: '0x42' }],
    ['has a known field more than the sealed ones', { baseFeePerGas: '0x7' }],
  ])('is not checked when it %s, whatever was sealed before', (_, fields) => {
    const check = new HeaderCheck();
    check.verdict(genesis, genesis.hash);
    expect(check.verdict({ ...genesis, ...fields }, zeros(32))).toBe('unchecked');
  });

  it('is not checked before any was sealed: the chain may hash otherwise', () => {
    expect(new HeaderCheck().verdict(genesis, zeros(32))).toBe('unchecked');
  });
});

/** Another digit at one place after the 0x. */
function changedDigit(text: string, at: number): string {
  const place = 2 + (at % (text.length - 2));
  const digit = ((parseInt(text.charAt(place), 16) + 1) % 16).toString(16);
  return text.slice(0, place) + digit + text.slice(place + 1);
}

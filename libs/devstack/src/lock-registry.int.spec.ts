import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { keccak256, toUtf8Bytes } from 'ethers';
import { type Chain, deployLockRegistry, type LockRegistry, startChain } from './index.js';
import { rpcCall } from './rpc-call.js';

let chain: Chain;
let registry: LockRegistry;

beforeAll(async () => {
  chain = await startChain();
  registry = await deployLockRegistry(chain.url);
});
afterAll(() => chain.stop());

describe('the demo contract', () => {
  it('is found again instead of being deployed twice', async () => {
    const again = await deployLockRegistry(chain.url);
    expect([again.address, again.blockNumber]).toEqual([registry.address, registry.blockNumber]);
  });

  it('has another generation, which counts as it does and emits another event', async () => {
    const other = await deployLockRegistry(chain.url, 'other');
    expect(other.address).not.toBe(registry.address);
    const lockId = await other.registerLock();
    const { blockNumber } = await other.revoke(lockId, 'grün');
    const block = `0x${blockNumber.toString(16)}`;
    const filter = { address: other.address, fromBlock: block, toBlock: block };
    const topic0 = keccak256(toUtf8Bytes('SignatureRevoked(uint256,string)'));
    expect(await rpcCall(chain.url, 'eth_getLogs', [filter])).toMatchObject([{ topics: { 0: topic0, length: 4 } }]);
    expect([await other.revokedCount(lockId), await other.isRevoked(lockId, 'grün')]).toEqual([1, true]);
    expect(await registry.revokedCount(lockId)).toBe(0);
  });

  it('emits one log with the hash of the signature, and answers its views', async () => {
    const lockId = await registry.registerLock();
    const { blockNumber, transactionHash, signatureHash } = await registry.revoke(lockId, 'grün');
    expect(signatureHash).toBe(keccak256(toUtf8Bytes('grün')));
    const block = `0x${blockNumber.toString(16)}`;
    const filter = { address: registry.address, fromBlock: block, toBlock: block };
    expect(await rpcCall(chain.url, 'eth_getLogs', [filter])).toMatchObject([
      { transactionHash, data: '0x', topics: [expect.anything(), expect.anything(), signatureHash, expect.anything()] },
    ]);
    expect(await registry.isRevoked(lockId, 'grün')).toBe(true);
    expect(await registry.isRevoked(lockId, 'Grün')).toBe(false);
    expect(await registry.isHashRevoked(lockId, signatureHash)).toBe(true);
    expect(await registry.revokedCount(lockId)).toBe(1);
  });

  it('refuses a second revocation of a signature, in a batch as well, which then has no effect', async () => {
    const lockId = await registry.registerLock();
    await registry.revoke(lockId, 'a');
    await expect(registry.revoke(lockId, 'a')).rejects.toThrow('AlreadyRevoked');
    await expect(registry.revokeBatch(lockId, ['b', 'a'])).rejects.toThrow('AlreadyRevoked');
    expect(await registry.revokedCount(lockId)).toBe(1);
  });

  it('lets the same signature be revoked in another lock', async () => {
    const [first, second] = [await registry.registerLock(), await registry.registerLock()];
    await registry.revoke(first, 'a');
    await registry.revoke(second, 'a');
    expect(await registry.isRevoked(second, 'a')).toBe(true);
  });

  it('refuses an empty signature, an empty batch and an empty public key', async () => {
    const lockId = await registry.registerLock();
    await expect(registry.revoke(lockId, '')).rejects.toThrow('EmptySignature');
    await expect(registry.revokeBatch(lockId, ['a', ''])).rejects.toThrow('EmptySignature');
    await expect(registry.revokeBatch(lockId, [])).rejects.toThrow('EmptyBatch');
    await expect(registry.registerLock('0x')).rejects.toThrow('EmptyPublicKey');
  });

  it('lets only the owner of a lock revoke in it', async () => {
    const lockId = await registry.registerLock();
    await expect(registry.as(1).revoke(lockId, 'a')).rejects.toThrow('NotLockOwner');
    await expect(registry.as(1).revokeBatch(lockId, ['a'])).rejects.toThrow('NotLockOwner');
    await expect(registry.revoke(999_999n, 'a')).rejects.toThrow('NotLockOwner');
  });

  it('takes 1000 revocations per lock and not one more', async () => {
    const lockId = await registry.registerLock();
    for (let batch = 0; batch < 4; batch++) {
      await registry.revokeBatch(
        lockId,
        Array.from({ length: 250 }, (_, index) => `${batch}-${index}`),
      );
    }
    expect(await registry.revokedCount(lockId)).toBe(1000);
    await expect(registry.revoke(lockId, 'one more')).rejects.toThrow('TooManyRevocations');
  });

  it('does nothing while it is paused, which is up to its owner', async () => {
    const lockId = await registry.registerLock();
    await expect(registry.pause()).rejects.toThrow('NotRegistryOwner');
    await expect(registry.unpause()).rejects.toThrow('NotRegistryOwner');
    await expect(registry.as(9).unpause()).rejects.toThrow('IsNotPaused');
    await registry.as(9).pause();
    await expect(registry.as(9).pause()).rejects.toThrow('IsPaused');
    await expect(registry.registerLock()).rejects.toThrow('IsPaused');
    await expect(registry.revoke(lockId, 'a')).rejects.toThrow('IsPaused');
    await expect(registry.revokeBatch(lockId, ['a'])).rejects.toThrow('IsPaused');
    await registry.as(9).unpause();
    await registry.revoke(lockId, 'a');
  });
});

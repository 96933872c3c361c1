import { describe, expect, it } from '@jest/globals';
import { Interface, keccak256, toUtf8Bytes } from 'ethers';
import { readFileSync } from 'node:fs';
import { inCheckout } from './checkout.js';
import { lockRegistryAbi } from './lock-registry-abi.js';

function compiledAbi(): unknown {
  const text = readFileSync(inCheckout('libs/devstack/dist/LockRegistry.json'), 'utf8');
  const withoutInternalTypes = (key: string, value: unknown): unknown => (key === 'internalType' ? undefined : value);
  const compiled: unknown = JSON.parse(text, withoutInternalTypes);
  return typeof compiled === 'object' && compiled !== null && 'abi' in compiled ? compiled.abi : undefined;
}

describe('the interface of the demo contract', () => {
  it('is what the compiler made of the source', () => {
    expect(lockRegistryAbi).toEqual(compiledAbi());
  });

  it('emits the event that the service follows', () => {
    const topic = '0x6aafae7433d8bb4c5fa5379b396b5fd6fae3dae9fbb1b60de92f4b7c48bdf354';
    expect(new Interface(lockRegistryAbi).getEvent('SignatureRevoked')?.topicHash).toBe(topic);
    expect(keccak256(toUtf8Bytes('SignatureRevoked(uint256,bytes32,address)'))).toBe(topic);
  });
});

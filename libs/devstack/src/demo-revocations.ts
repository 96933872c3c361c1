import { setTimeout as sleep } from 'node:timers/promises';
import type { LockRegistry } from './lock-registry.js';

/** The contract takes 1000 per lock. */
const fullLock = 1000;
const lockTotal = 3;

export interface DemoExample {
  readonly lockId: bigint;
  readonly signatureHash: string;
}

/** Sees to it that there are locks with a revocation in each; gives one to look up. */
export async function prepareDemo(registry: LockRegistry): Promise<DemoExample> {
  const existing = Number(await registry.lockCount());
  const missing = Array.from({ length: Math.max(0, lockTotal - existing) });
  await Promise.all(missing.map(async () => revokeNext(registry, await registry.registerLock())));
  const lockId = 1n;
  const signatureHash = registry.hashOf(signatureOf(lockId, 0));
  return { lockId, signatureHash };
}

/** Revokes one signature per beat, in one lock after the other, until aborted; a chain that is away is waited for. */
export async function revokeOnBeat(registry: LockRegistry, beatMs: number, signal: AbortSignal): Promise<void> {
  for (let turn = 0; !signal.aborted; turn++) {
    await revokeInTurn(registry, turn).catch(() => undefined);
    await sleep(beatMs, undefined, { signal }).catch(() => undefined);
  }
}

async function revokeInTurn(registry: LockRegistry, turn: number): Promise<void> {
  const newest = await registry.lockCount();
  const lockId = newest - BigInt(turn % lockTotal);
  const full = (await registry.revokedCount(lockId)) >= fullLock;
  await revokeNext(registry, full ? await registry.registerLock() : lockId);
}

/** The number of the lock's revocations is the number of the next signature: no run repeats one. */
async function revokeNext(registry: LockRegistry, lockId: bigint): Promise<void> {
  await registry.revoke(lockId, signatureOf(lockId, await registry.revokedCount(lockId)));
}

function signatureOf(lockId: bigint, number: number): string {
  return `demo signature ${number} of lock ${lockId}`;
}

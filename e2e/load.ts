import { EventEmitter, once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import type { LockRegistry } from '@hybrid-sync/devstack';

export interface LoadedRevocation {
  readonly lockId: bigint;
  readonly signature: string;
  readonly blockNumber: number;
}

/** Revocations that go on in the background. */
export interface Load {
  /** Resolves with the last one when so many more have been mined. */
  more(revocations: number): Promise<LoadedRevocation>;
  /** Gives how many there were. */
  stop(): Promise<number>;
}

const pauseMs = 100;
const lockTotal = 3;

/** Revokes signatures in several locks, one by one and in batches of two, until stopped. */
export async function startLoad(registry: LockRegistry): Promise<Load> {
  const locks = await Promise.all(Array.from({ length: lockTotal }, () => registry.registerLock()));
  const mined = new EventEmitter();
  const stopping = new AbortController();
  const done: LoadedRevocation[] = [];
  const run = async (): Promise<void> => {
    for (let turn = 0; !stopping.signal.aborted; turn++) {
      const lockId = locks[turn % lockTotal] ?? 0n;
      const signatures = turn % 4 === 0 ? [`${turn}, a`, `${turn}, b`] : [`${turn}`];
      const { blockNumber } = await registry.revokeBatch(lockId, signatures);
      done.push(...signatures.map((signature) => ({ lockId, signature, blockNumber })));
      mined.emit('mined');
      await sleep(pauseMs);
    }
  };
  const over = run();
  // A failure is thrown by stop; until then it must not count as unhandled.
  over.catch((error: unknown) => {
    stopping.abort(error);
  });
  return {
    more: async (revocations) => {
      const wanted = done.length + revocations;
      for (;;) {
        const last = done.at(-1);
        if (last !== undefined && done.length >= wanted) return last;
        await once(mined, 'mined', { signal: stopping.signal });
      }
    },
    stop: async () => {
      stopping.abort();
      await over;
      return done.length;
    },
  };
}

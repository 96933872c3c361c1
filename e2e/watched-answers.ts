import { setTimeout as sleep } from 'node:timers/promises';
import { z } from 'zod';
import type { MonitorClient } from './monitor-client.js';

/** One answer to "is it revoked?". `isRevoked` is undefined where none was given. */
export interface WatchedAnswer {
  readonly isRevoked: boolean | undefined;
  readonly asOf: number | undefined;
}

const answer = z.object({ isRevoked: z.boolean(), asOf: z.object({ blockNumber: z.int() }) });
const pauseMs = 10;

/** Asks again and again in the background while the work goes on; gives every answer. */
export async function answersDuring(
  { api, lockId, signature }: { readonly api: MonitorClient; readonly lockId: bigint; readonly signature: string },
  work: () => Promise<void>,
): Promise<readonly WatchedAnswer[]> {
  const over = new AbortController();
  const answers: WatchedAnswer[] = [];
  const watch = async (): Promise<void> => {
    while (!over.signal.aborted) {
      answers.push(await ask(api, lockId, signature));
      await sleep(pauseMs);
    }
  };
  const watching = watch();
  try {
    await work();
  } finally {
    over.abort();
    await watching;
  }
  return answers;
}

/** The answers that say "not revoked" as of a block in which, or after which, it was. */
export function wronglyDenied(answers: readonly WatchedAnswer[], block: number): readonly WatchedAnswer[] {
  return answers.filter(({ isRevoked, asOf }) => isRevoked === false && Number(asOf) >= block);
}

async function ask(api: MonitorClient, lockId: bigint, signature: string): Promise<WatchedAnswer> {
  const { body } = await api.ask(lockId, signature).catch(() => ({ body: null }));
  const given = answer.safeParse(body).data;
  return { isRevoked: given?.isRevoked, asOf: given?.asOf.blockNumber };
}

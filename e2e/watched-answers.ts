import { setTimeout as sleep } from 'node:timers/promises';
import { z } from 'zod';
import type { MonitorClient } from './monitor-client.js';

/** One answer to "is it revoked?". `isRevoked` is undefined where none was given. */
export interface WatchedAnswer {
  readonly isRevoked: boolean | undefined;
  readonly asOf: number | undefined;
}

export interface Watch {
  /** Every answer since the watch began. */
  stop(): Promise<readonly WatchedAnswer[]>;
}

const answer = z.object({ isRevoked: z.boolean(), asOf: z.object({ blockNumber: z.int() }) });
const pauseMs = 10;

/** Asks again and again in the background. */
export function watchAnswers(api: MonitorClient, lockId: bigint, signature: string): Watch {
  const stopping = new AbortController();
  const answers: WatchedAnswer[] = [];
  const watch = async (): Promise<void> => {
    while (!stopping.signal.aborted) {
      answers.push(await ask(api, lockId, signature));
      await sleep(pauseMs);
    }
  };
  const over = watch();
  return {
    stop: async () => {
      stopping.abort();
      await over;
      return answers;
    },
  };
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

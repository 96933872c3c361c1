import { randomUUID } from 'node:crypto';
import type { Side } from './interleaved.js';
import { runReference, type ReferenceTask } from './reference-task.js';
import type { RevokedChain } from './revoked-chain.js';

/** The default of BATCH_SYNC_SIZE: both sides ask for the same ranges. */
const blocksPerQuery = 1_000;

/** What an ingester is compared with: the floor first, then what each of its duties would cost alone. */
export function referenceSides(
  chain: RevokedChain,
  { brokers, rounds }: { readonly brokers: string; readonly rounds: number },
): readonly Side[] {
  const { url, contract, startBlock } = chain;
  const time = async (task: Pick<ReferenceTask, 'headers' | 'publish'>): Promise<number> => {
    const outcome = await runReference({ url, contract, startBlock, blocksPerQuery, rounds, ...task });
    if (outcome.logs !== chain.events) throw new Error(`the reference found ${outcome.logs} of ${chain.events} events`);
    return outcome.milliseconds;
  };
  return [
    { what: 'logs alone', time: () => time({ headers: false, publish: null }) },
    { what: 'logs and headers', time: () => time({ headers: true, publish: null }) },
    {
      what: 'logs and a plain producer',
      time: () => time({ headers: false, publish: { brokers, topic: `bench-${randomUUID()}` } }),
    },
  ];
}

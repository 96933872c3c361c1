import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { inCheckout } from '@hybrid-sync/devstack';
import { z } from 'zod';

const run = promisify(execFile);

export const referenceTask = z.object({
  url: z.string(),
  contract: z.string(),
  startBlock: z.int(),
  blocksPerQuery: z.int(),
  headers: z.boolean(),
  publish: z.object({ brokers: z.string(), topic: z.string() }).nullable(),
  /** With 2, the first round warms the process up. */
  rounds: z.int().min(1),
});
export type ReferenceTask = z.infer<typeof referenceTask>;

const referenceOutcome = z.object({ milliseconds: z.number(), logs: z.int() });
export type ReferenceOutcome = z.infer<typeof referenceOutcome>;

/** Runs it in a process of its own, so that nothing is warmer or larger than in the ingester that it is compared with. */
export async function runReference(task: ReferenceTask): Promise<ReferenceOutcome> {
  const program = inCheckout('bench', 'dist', 'reference-main.js');
  const { stdout } = await run(process.execPath, [program, JSON.stringify(task)]);
  return referenceOutcome.parse(JSON.parse(stdout));
}

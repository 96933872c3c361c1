import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { inCheckout } from '@hybrid-sync/devstack';
import { z } from 'zod';

const run = promisify(execFile);

export const readingTask = z.object({ brokers: z.string(), topic: z.string(), records: z.int() });
type ReadingTask = z.infer<typeof readingTask>;

/** Milliseconds that a process with a plain consumer lives which reads so many records and does nothing with them. */
export async function timeReading(task: ReadingTask): Promise<number> {
  const begin = performance.now();
  await run(process.execPath, [inCheckout('bench', 'dist', 'reading-main.js'), JSON.stringify(task)]);
  return performance.now() - begin;
}

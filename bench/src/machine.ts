import { execFile } from 'node:child_process';
import { cpus, loadavg, totalmem } from 'node:os';
import { promisify } from 'node:util';
import { inCheckout } from '@hybrid-sync/devstack';

const run = promisify(execFile);

/** What a result depends on beside the code: one sentence. */
export async function machine(): Promise<string> {
  const [first] = cpus();
  const cores = `${cpus().length} cores (${first?.model.trim() ?? 'unknown'})`;
  const memory = `${Math.round(totalmem() / 2 ** 30)} GiB of memory`;
  return `${cores}, ${memory}, Node ${process.version}, ${await commit()}`;
}

/** Processes that wanted to run, averaged over the last minute. */
export function load(): string {
  return (loadavg()[0] ?? 0).toFixed(1);
}

/** What is not committed has been measured as well. */
async function commit(): Promise<string> {
  try {
    const options = { cwd: inCheckout() };
    const { stdout: hash } = await run('git', ['rev-parse', '--short', 'HEAD'], options);
    const { stdout: changes } = await run(
      'git',
      ['status', '--porcelain', '--untracked-files=no', '--', '.', ':!bench/RESULTS.md'],
      options,
    );
    return `commit ${hash.trim()}${changes === '' ? '' : ' with changes'}`;
  } catch {
    return 'no commit';
  }
}

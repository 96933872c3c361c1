import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const run = promisify(execFile);
const source = fileURLToPath(new URL('JavaClient.java', import.meta.url));

/** Kafka's own Java client, run from its jars. Gives the lines it printed. */
export async function javaClient(classPath: string, ...args: readonly string[]): Promise<readonly string[]> {
  const { stdout } = await run('java', ['-XX:TieredStopAtLevel=1', '-cp', classPath, source, ...args]);
  return stdout.split('\n').filter((line) => line !== '');
}

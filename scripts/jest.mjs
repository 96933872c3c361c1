// Runs jest and counts.
import { spawn } from 'node:child_process';
import { mkdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { checkout, environment } from './bootstrap.mjs';

/** A failure that jest counts nowhere (a threshold, a crash of jest itself) counts as one. */
export async function jest(projects, options) {
  const outputFile = join(checkout, '.cache', `jest-${projects.replaceAll(' ', '-')}.json`);
  mkdirSync(join(checkout, '.cache'), { recursive: true });
  rmSync(outputFile, { force: true });
  const flags = ['--selectProjects', ...projects.split(' '), '--json', `--outputFile=${outputFile}`, ...options];
  const node = ['--experimental-vm-modules', '--disable-warning=ExperimentalWarning'];
  const code = await inherit('node', [...node, 'node_modules/jest/bin/jest.js', ...flags]);
  const counted = countsIn(outputFile);
  return code !== 0 && counted.failed === 0 ? { ...counted, failed: 1 } : counted;
}

function countsIn(file) {
  try {
    const result = JSON.parse(readFileSync(file, 'utf8'));
    return {
      passed: result.numPassedTests,
      failed: result.numFailedTests + result.numRuntimeErrorTestSuites,
      skipped: result.numPendingTests + result.numTodoTests,
    };
  } catch {
    return { passed: 0, failed: 1 };
  }
}

/** Standard output of `--json` is the file's content once more: jest's report is on standard error. */
function inherit(program, args) {
  const child = spawn(program, args, { cwd: checkout, stdio: ['ignore', 'ignore', 'inherit'], env: environment() });
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.once(signal, () => child.kill(signal));
  return new Promise((resolve) => {
    child.on('error', () => resolve(127));
    child.on('close', (code) => resolve(code ?? 1));
  });
}

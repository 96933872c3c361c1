// `npm test`: installs and builds what is needed, then every check and every test. Ends with `N passed, N failed`.
import { spawn } from 'node:child_process';
import { mkdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { bootstrap, checkout, environment } from './bootstrap.mjs';
import { runChecks } from './checks.mjs';

await bootstrap();
const domain = 'libs/domain/src';
const total = { passed: 0, failed: 0, skipped: 0 };
add(await runChecks());
add(
  await jest('unit', [
    '--maxWorkers=2',
    '--coverage',
    `--collectCoverageFrom=${domain}/**/*.ts`,
    '--coverageReporters=text-summary',
    '--coverageDirectory=.cache/coverage',
    `--coverageThreshold=${JSON.stringify({ global: { branches: 95 } })}`,
  ]),
);
// One after the other: they share a Kafka and a Postgres, and the clock is part of what they test.
add(await jest('integration e2e', ['--runInBand']));
const skipped = total.skipped > 0 ? `, ${total.skipped} skipped` : '';
console.log(`${total.passed} passed, ${total.failed} failed${skipped}`);
process.exit(total.failed === 0 ? 0 : 1);

function add({ passed, failed, skipped = 0 }) {
  total.passed += passed;
  total.failed += failed;
  total.skipped += skipped;
}

/** A failure that jest counts nowhere (a threshold, a crash of jest itself) counts as one. */
async function jest(projects, options) {
  const outputFile = join(checkout, '.cache', `jest-${projects.replace(' ', '-')}.json`);
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

// The static checks: each is one line of `npm test` and one of its tests.
import { spawn } from 'node:child_process';
import { checkout, environment, secondsSince } from './bootstrap.mjs';

/** Name, program of node_modules/.bin, arguments. The last shows that each of the others can fail. */
export const checks = [
  ['prettier', 'prettier', '--check', '--log-level=warn', '.'],
  ['eslint', 'eslint', '.'],
  ['types', 'tsc', '-b', 'tsconfig.tests.json'],
  ['arrows', 'depcruise', '--output-type=err', 'libs', 'services', 'e2e', 'bench'],
  ['unused', 'knip'],
  ['generated files', 'node', 'scripts/generate.mjs', '--check'],
  ['seeded violations', 'node', 'scripts/seeded-violations.mjs'],
];

/** Runs them one after the other; gives how many passed and failed. */
export async function runChecks() {
  const result = { passed: 0, failed: 0 };
  for (const [name, program, ...args] of checks) {
    const begin = performance.now();
    const { code, output } = await run(program, args);
    if (code !== 0) console.log(output.trimEnd());
    console.log(`${code === 0 ? 'ok' : 'FAILED'} ${name} ${secondsSince(begin)}`);
    result[code === 0 ? 'passed' : 'failed']++;
  }
  return result;
}

/** Exit code and output of one of the installed programs. */
export function run(program, args, cwd = checkout) {
  const child = spawn(program, args, { cwd, stdio: ['ignore', 'pipe', 'pipe'], env: environment() });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => (output += chunk));
  return new Promise((resolve) => {
    child.on('error', (error) => resolve({ code: 127, output: `${program}: ${error.message}` }));
    child.on('close', (code) => resolve({ code, output }));
  });
}

// What `npm start` and `npm test` do before anything is installed: plain JavaScript for Node 20.19 or newer.
import { spawn, spawnSync } from 'node:child_process';
import { existsSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const checkout = join(dirname(fileURLToPath(import.meta.url)), '..');
const programs = join(checkout, 'node_modules/.bin');

/** Installs when needed and builds what has changed. Ends the process when that fails. */
export async function bootstrap() {
  if (!isInstalled()) await step('installing', 'npm', ['ci', '--no-audit', '--no-fund']);
  await step('building', join(programs, 'turbo'), ['run', 'build', '--output-logs=errors-only']);
}

/** The pinned Node and the installed programs come first in PATH. */
export function environment() {
  return { ...process.env, PATH: `${programs}:${process.env.PATH}`, TURBO_TELEMETRY_DISABLED: '1', DO_NOT_TRACK: '1' };
}

/** Runs a file with the pinned Node in our place: signals reach it, its exit code becomes ours. */
export function handOver(...args) {
  const child = spawn(join(programs, 'node'), args, { cwd: checkout, stdio: 'inherit', env: environment() });
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal));
  child.on('exit', (code) => process.exit(code ?? 1));
  if (process.env.npm_lifecycle_event !== undefined) whenParentIsGone(() => child.kill('SIGTERM'));
}

const parent = process.ppid;

/** A kill -9 of npm reaches nobody else. */
function whenParentIsGone(stop) {
  setInterval(() => process.ppid === parent || stop(), 500).unref();
}

/** Seconds since a moment of performance.now(), for people. */
export function secondsSince(begin) {
  return `${((performance.now() - begin) / 1000).toFixed(1)} s`;
}

export function fail(line) {
  console.error(line);
  process.exit(1);
}

/** npm writes this file last; one that is older than ours is of another commit or of an install that was killed. */
function isInstalled() {
  const installed = join(checkout, 'node_modules/.package-lock.json');
  return existsSync(installed) && statSync(installed).mtimeMs >= statSync(join(checkout, 'package-lock.json')).mtimeMs;
}

/** A line at the beginning, a sign of life every 10 s, a line at the end; the output only when it fails. */
async function step(name, command, args) {
  const begin = performance.now();
  console.log(`${name} ...`);
  const life = setInterval(() => console.log(`still ${name}, ${secondsSince(begin)}`), 10_000);
  const { code, output } = await run(command, args);
  clearInterval(life);
  if (code !== 0) fail(`${excerpt(output)}\n${name} failed`);
  console.log(`${name} took ${secondsSince(begin)}`);
}

/** npm says what is wrong at the beginning, a build at the end. */
function excerpt(output) {
  const lines = output.split('\n').filter((line) => !line.startsWith('npm warn'));
  return lines.length <= 60 ? lines.join('\n') : [...lines.slice(0, 20), '...', ...lines.slice(-40)].join('\n');
}

function run(command, args) {
  const child = spawn(command, args, { cwd: checkout, stdio: ['ignore', 'pipe', 'pipe'], env: environment() });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => (output += chunk));
  return new Promise((resolve) => {
    child.on('error', (error) => resolve({ code: 127, output: `${command}: ${error.message}` }));
    child.on('close', (code) => resolve({ code, output }));
  });
}

/** The first line of a command's output, or nothing where there is no such command. */
export function answerOf(command, args) {
  const { status, stdout, stderr } = spawnSync(command, args, { encoding: 'utf8' });
  return status === 0 ? `${stderr}${stdout}`.trim() : undefined;
}

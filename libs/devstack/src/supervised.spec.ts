import { describe, expect, it } from '@jest/globals';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { pathToFileURL } from 'node:url';
import { inCheckout } from './checkout.js';
import { supervise } from './supervised.js';

const built = pathToFileURL(inCheckout('libs', 'devstack', 'dist', 'supervised.js')).href;
const stubborn = `process.on('SIGTERM', () => {}); console.log('up'); setInterval(() => {}, 1000);`;

/** A zombie waits for init to notice it: for our purpose it is gone. */
function isRunning(pid: number): boolean {
  try {
    return !/^State:\s+Z/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'));
  } catch {
    return false;
  }
}

async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await sleep(20);
}

async function firstLine(stream: NodeJS.ReadableStream | null): Promise<string> {
  if (stream === null) throw new Error('no output to read');
  for await (const line of createInterface({ input: stream })) return line;
  throw new Error('ended without a line');
}

describe('a supervised process', () => {
  it('is asked to stop and tells how it ended', async () => {
    const process = supervise({
      program: 'sh',
      args: ['-c', 'trap "exit 7" TERM; echo up; while :; do sleep 0.1; done'],
    });
    expect(await firstLine(process.output)).toBe('up');
    expect(await process.stop()).toEqual({ code: 7, signal: null });
  });

  it('is killed when it does not stop within its grace time', async () => {
    const child = supervise({ program: process.execPath, args: ['-e', stubborn], graceSeconds: 1 });
    await firstLine(child.output);
    const begin = performance.now();
    expect(await child.stop()).toEqual({ code: null, signal: 'SIGKILL' });
    expect(performance.now() - begin).toBeGreaterThan(900);
  });

  it('ends when the parent is killed with kill -9, even when it ignores the stop signal', async () => {
    const program = `import { supervise } from '${built}';
      const child = supervise({ program: process.execPath, args: ['-e', ${JSON.stringify(stubborn)}], graceSeconds: 1 });
      child.output.on('data', () => console.log(child.pid));`;
    const parent = spawn(process.execPath, ['--input-type=module', '-e', program], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const pid = Number(await firstLine(parent.stdout));
    expect(isRunning(pid)).toBe(true);
    parent.kill('SIGKILL');
    await once(parent, 'exit');
    await until(() => !isRunning(pid));
  });

  it('leaves no watcher behind when it ends by itself', async () => {
    const child = supervise({ program: 'true', args: [] });
    expect(await child.exited).toEqual({ code: 0, signal: null });
    await until(() => !groupExists(child.pid));
  });
});

function groupExists(pid: number): boolean {
  try {
    return process.kill(-pid, 0);
  } catch {
    return false;
  }
}

import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { pauseProcess, resumeProcess } from '@hybrid-sync/devstack';
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { eventually } from '../eventually.js';
import { revocations } from '../projection/revocations.js';
import { Servers } from '../projection/servers.js';
import { expectFolded } from '../projection/verdict.js';
import { World } from '../projection/world.js';

const patience = 300_000;
let servers: Servers;
let world: World;

beforeAll(async () => {
  servers = await Servers.start({ brokers: 3 });
  world = await World.on(servers);
  await world.start(2);
  await world.watch();
}, patience);
afterAll(async () => {
  await world.close().finally(() => servers.close());
}, patience);

describe('of three brokers', () => {
  it(
    'one that stands still for 45 s is fenced, and follows when it wakes up (F43)',
    async () => {
      const leader = await servers.leader(world.topic('revocations'), 0);
      await pauseProcess(leader.pid);
      const written = world.write('revocations', revocations(1_000, 500));
      await sleep(45_000);
      resumeProcess(leader.pid);
      await written;
      await world.write('revocations', revocations(2_000, 500));
      await expectFolded(world);
    },
    patience,
  );

  it(
    'one whose disk does not keep what it is told costs no record that was acknowledged (F48)',
    async () => {
      const leader = await servers.leader(world.topic('revocations'), 0);
      const tracer = await failingDisk(leader.pid);
      await world.write('revocations', revocations(3_000, 500));
      tracer.kill('SIGKILL');
      await leader.kill();
      await world.write('revocations', revocations(4_000, 500));
      await leader.start();
      await expectFolded(world);
    },
    patience,
  );

  it(
    'each restarted in turn, again and again, while projectors come and go, costs nothing (F60)',
    async () => {
      const end = performance.now() + 120_000;
      for (let round = 0; performance.now() < end; round++) {
        const node = servers.nodes[round % 3];
        await node?.stop();
        const written = world.write('revocations', revocations(10_000 + 100 * round, 100));
        await node?.start();
        await written;
        await world.fleet.scale(1 + (round % 3));
      }
      await expectFolded(world);
    },
    patience,
  );
});

/** Every fsync of the process fails from now on. */
async function failingDisk(pid: number): Promise<ChildProcess> {
  const calls = 'fsync,fdatasync,msync';
  const inject = ['-e', `trace=${calls}`, '-e', `inject=${calls}:error=EIO`];
  const tracer = spawn('strace', ['-f', '-qq', '-p', String(pid), ...inject, '-o', '/dev/null'], { stdio: 'ignore' });
  await once(tracer, 'spawn');
  await eventually('the broker is traced', async () => {
    expect(await readFile(`/proc/${pid}/status`, 'utf8')).toContain(`TracerPid:\t${tracer.pid ?? 0}\n`);
  });
  return tracer;
}

import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { setTimeout as sleep } from 'node:timers/promises';
import { startLoad, type Load } from '../load.js';
import { expectMirror } from '../mirror.js';
import { clientListener, type ClientListener } from '../projection/client-listener.js';
import { Servers } from '../projection/servers.js';
import { serviceNames } from '../service-process.js';
import { System } from '../system.js';
import { answersDuring, wronglyDenied } from '../watched-answers.js';

const patience = 600_000;
const staleAfterSeconds = 15;
let listener: ClientListener;
let servers: Servers;
let system: System;
let load: Load;

beforeAll(async () => {
  listener = await clientListener(3);
  servers = await Servers.start({ brokers: 3, properties: listener.properties });
  system = await System.create({
    KAFKA_BROKERS: listener.brokers,
    MAX_STALENESS_SECONDS: String(staleAfterSeconds),
    BATCH_SYNC_INTERVAL_MINUTES: '0.05',
  });
  await system.start();
  load = await startLoad(system.registry);
}, patience);
afterAll(async () => {
  await load.stop().catch(() => 0);
  await system.close();
  await servers.close();
  await Promise.all(listener.proxies.map((proxy) => proxy.close()));
}, patience);

/** Revocations go on meanwhile; afterwards everything is as the chain has it, with nobody's help. */
async function survives(outage: () => Promise<void>): Promise<void> {
  const { lockId, signature, blockNumber } = await load.more(5);
  const answers = await answersDuring({ api: system.api, lockId, signature }, async () => {
    await outage();
    await load.more(5);
    await load.stop();
    await system.eventually('answers are given again', () => system.synced(), 60);
  });
  expect(wronglyDenied(answers, blockNumber)).toEqual([]);
  await expectMirror(system);
  for (const name of serviceNames) expect(system.service(name).isRunning).toBe(true);
  load = await startLoad(system.registry);
}

const isStale = (): Promise<void> =>
  system.eventually(
    'not revoked is not said any more',
    async () => {
      expect((await system.api.ask('0', 'nothing')).status).toBe(503);
    },
    staleAfterSeconds + 30,
  );

describe('the whole system', () => {
  it(
    'stops saying "not revoked" while two of three brokers are down, and goes on by itself (F42)',
    async () => {
      await survives(async () => {
        const [first, second] = servers.nodes;
        await Promise.all([first?.kill(), second?.kill()]);
        await isStale();
        await Promise.all([first?.start(), second?.start()]);
      });
    },
    patience,
  );

  it(
    'goes on while one broker cannot be reached by clients, though the others think it well (F44)',
    async () => {
      await survives(async () => {
        const leader = await servers.leader(system.topic('signature-revocations'), 0);
        const proxy = listener.proxies[servers.nodes.indexOf(leader)];
        proxy?.set({ blackHole: true });
        await sleep(60_000);
        proxy?.heal();
      });
    },
    patience,
  );

  it(
    'publishes again what was under way when every link to the brokers went silent for minutes (F45)',
    async () => {
      await survives(async () => {
        for (const proxy of listener.proxies) proxy.set({ blackHole: true });
        await isStale();
        await sleep(120_000);
        for (const proxy of listener.proxies) proxy.heal();
      });
    },
    patience,
  );
});

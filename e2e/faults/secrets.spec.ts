import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { refuse, startFaultProxy, testServers, type FaultProxy, type Faults } from '@hybrid-sync/devstack';
import { serviceNames } from '../service-process.js';
import { System } from '../system.js';
import { TopicSession } from '../topic-session.js';

const patience = 120_000;
const keys = ['c4naryPath0123456789', 'c4naryQuery0123456789', 'c4naryHost0123456789'];
const [inPath, inQuery, inHost] = keys;
let system: System;
let proxy: FaultProxy;
let lock: bigint;

beforeAll(async () => {
  system = await System.create({ BATCH_SYNC_INTERVAL_MINUTES: '0.02', LOG_LEVEL: 'trace' }, { slotsInAnEpoch: 1 });
  proxy = await startFaultProxy(system.chain.url);
  const path = `/v2/${inPath}/rpc?apikey=${inQuery}`;
  // Some providers carry the key in the name of the host. This one resolves nowhere.
  const urls = [`http://${inHost}.rpc.invalid/v1`, `${proxy.url}${path}`, `${proxy.wsUrl}${path}`];
  for (const name of ['ingest-realtime', 'ingest-batch'] as const)
    system.service(name).start({ LOCAL_RPC_URL: urls.join() });
  lock = await system.registry.registerLock();
  await system.registry.revoke(lock, 'before');
  await system.start('projector', 'query-api');
  await system.synced();
}, patience);
afterAll(async () => {
  await proxy.close();
  await system.close();
}, patience);

/** As providers do: the address that was called, in the text of the error. */
function echo(path: string): string {
  return `error for https://node.example${path} and wss://${String(inHost)}.rpc.invalid/v1\u001b[31m`;
}

const echoes: readonly Faults[] = [
  { answer: ({ path }) => ({ error: { code: -32_000, message: echo(path), data: echo(path) } }) },
  {
    answer: ({ path }) => ({
      error: { code: -32_602, message: `query returned more than 10000 results. ${echo(path)}` },
    }),
  },
  { status: 500, body: (path) => `<html>${echo(path)}</html>` },
  { status: 429, retryAfter: '1', body: echo },
  { body: (path) => `<html>${echo(path)}</html>` },
  { answer: refuse(null, { code: -32_005, message: `${String(inPath)} has exceeded its quota` }) },
  { reset: { every: 2 } },
  { refuseConnections: true },
];

/** Whatever holds a key, in full or as a part of a longer text. */
function leaks(texts: readonly string[]): readonly string[] {
  return texts.filter((text) => keys.some((key) => text.toLowerCase().includes(key.toLowerCase())));
}

async function everythingOnTopics(): Promise<readonly string[]> {
  const session = await TopicSession.open(testServers().brokers);
  const texts: string[] = [];
  for (const name of ['signature-revocations', 'sync-status', 'sync-commands', 'dead-letters'] as const) {
    for (const { key, value, headers } of await session.read(system.topic(name))) {
      texts.push([key, value, ...[...headers].flat()].map(String).join(' '));
    }
  }
  await session.close();
  return texts;
}

async function everyAnswer(): Promise<readonly string[]> {
  const paths = ['/health', '/stats', `/lock/${lock}/stats`, `/lock/${lock}/revocations`];
  const answers = await Promise.all([...paths.map((path) => system.api.get(path)), system.api.ask(lock, 'before')]);
  return answers.map(({ body, headers }) => JSON.stringify([body, ...headers]));
}

describe('the keys in the URLs of the endpoints', () => {
  it(
    'are in no log, metric, record or answer, whatever the endpoints echo',
    async () => {
      const seen: string[] = [];
      for (const [number, faults] of echoes.entries()) {
        proxy.forget();
        proxy.set(faults);
        await system.registry.revoke(lock, `under echo ${number}`);
        const failed = (): number =>
          system.service('ingest-realtime').lines.length + system.service('ingest-batch').lines.length;
        const lines = failed();
        await system.eventually('something of it was logged', () => {
          expect(failed()).toBeGreaterThan(lines);
        });
        seen.push(
          ...(await Promise.all(serviceNames.map((name) => system.metricsText(name)))),
          ...(await everyAnswer()),
        );
      }
      proxy.heal();
      await system.registry.revoke(lock, 'after all');
      await system.synced();
      const printed = serviceNames.flatMap((name) => system.service(name).lines);
      const topics = await everythingOnTopics();
      expect(topics.length).toBeGreaterThan(echoes.length);
      expect(leaks([...printed, ...seen, ...topics, ...(await everyAnswer())])).toEqual([]);
      // That there was something to hide.
      expect(printed.filter((line) => line.includes('…')).length).toBeGreaterThan(0);
    },
    patience,
  );
});

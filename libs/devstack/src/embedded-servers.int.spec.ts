import { afterAll, describe, expect, it } from '@jest/globals';
import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import pg from 'pg';
import { type Kafka, startChain, startKafka, startPostgres } from './index.js';
import { rpcCall } from './rpc-call.js';

const run = promisify(execFile);
const directory = await mkdtemp(join(tmpdir(), 'hybrid-sync-embedded-'));
const patience = 60_000;

afterAll(() => rm(directory, { recursive: true, force: true }));

async function topics(kafka: Kafka, ...flags: readonly string[]): Promise<string> {
  const tool = 'org.apache.kafka.tools.TopicCommand';
  const { stdout } = await run('java', ['-cp', kafka.classPath, tool, '--bootstrap-server', kafka.brokers, ...flags]);
  return stdout;
}

async function query(url: string, sql: string): Promise<unknown[]> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    return (await client.query<Record<string, unknown>>(sql)).rows;
  } finally {
    await client.end();
  }
}

describe('embedded Kafka', () => {
  it(
    'keeps its topics and its address after kill -9',
    async () => {
      const dataDir = join(directory, 'kafka');
      const first = await startKafka({ dataDir });
      await topics(first, '--create', '--topic', 'kept');
      await first.kill();
      const second = await startKafka({ dataDir });
      expect(second.brokers).toBe(first.brokers);
      expect(await topics(second, '--list')).toContain('kept');
      await second.stop();
      expect((await second.exited).code).toBe(143);
    },
    patience,
  );

  it(
    'runs as three nodes that all know each other, of which each can be killed and started again',
    async () => {
      const kafka = await startKafka({ dataDir: join(directory, 'kafka-3'), nodes: 3 });
      await topics(kafka, '--create', '--topic', 'copied');
      expect(await topics(kafka, '--describe', '--topic', 'copied')).toContain('ReplicationFactor: 3');
      const [node] = kafka.nodes;
      const pid = node?.pid;
      await node?.kill();
      await node?.start();
      expect(node?.pid).not.toBe(pid);
      expect(await topics(kafka, '--list')).toContain('copied');
      await kafka.stop();
    },
    patience,
  );
});

describe('embedded Postgres', () => {
  it(
    'keeps what was committed and its address after kill -9',
    async () => {
      const dataDir = join(directory, 'postgres');
      const first = await startPostgres({ dataDir });
      await query(first.url, 'create table kept as select 7 as id');
      await first.kill();
      const second = await startPostgres({ dataDir });
      expect(second.url).toBe(first.url);
      expect(await query(second.url, 'select id from kept')).toEqual([{ id: 7 }]);
      expect(await query(second.url, 'show fsync')).toEqual([{ fsync: 'on' }]);
      await second.stop();
      expect(await second.exited).toEqual({ code: 0, signal: null });
    },
    patience,
  );
});

describe('the local chain', () => {
  it('goes on where it was stopped', async () => {
    const dataDir = join(directory, 'chain');
    const first = await startChain({ dataDir });
    await rpcCall(first.url, 'anvil_mine', ['0x7']);
    const block = await rpcCall(first.url, 'eth_getBlockByNumber', ['0x5', false]);
    await first.stop();
    const second = await startChain({ dataDir });
    expect(second.url).toBe(first.url);
    expect(await rpcCall(second.url, 'eth_blockNumber')).toBe('0x7');
    expect(await rpcCall(second.url, 'eth_getBlockByNumber', ['0x5', false])).toEqual(block);
    await second.stop();
  });

  it('takes another port when the wanted one is taken', async () => {
    const first = await startChain();
    const second = await startChain({ port: Number(new URL(first.url).port) });
    expect(second.url).not.toBe(first.url);
    await Promise.all([first.stop(), second.stop()]);
  });
});

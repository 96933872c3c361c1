import { describe, expect, it } from '@jest/globals';
import { freePort } from '@hybrid-sync/devstack';
import { ServiceProcess, serviceNames, type ServiceName, type Variables } from './service-process.js';

const patience = 30_000;
const canary = 'c4nary-s3cret';

/** Every variable is wrong, and every one that may hold a secret holds it. */
const broken: Variables = {
  NETWORK: 'my-chain',
  MY_CHAIN_CHAIN_ID: 'one',
  MY_CHAIN_CONTRACT_ADDRESS: '0x12',
  MY_CHAIN_START_BLOCK: '-1',
  MY_CHAIN_RPC_URL: `ftp://node.example/${canary}`,
  KAFKA_BROKERS: 'kafka-without-port',
  KAFKA_SSL: 'maybe',
  KAFKA_SASL_MECHANISM: 'plain',
  KAFKA_SASL_PASSWORD: canary,
  KAFKA_TOPICS: 'guess',
  DATABASE_URL: `mysql://user:${canary}@database.example/name`,
  PORT: '70000',
  MANAGEMENT_PORT: 'none',
  API_KEYS: canary,
  MAX_STALENESS_SECONDS: 'soon',
  POLL_INTERVAL_MS: '0',
  BATCH_SYNC_INTERVAL_MINUTES: '0',
  BATCH_SYNC_SIZE: '0.5',
  SHUTDOWN_GRACE_SECONDS: '-1',
  LOG_LEVEL: 'loud',
};

const everywhere = [
  'MY_CHAIN_CHAIN_ID',
  'MY_CHAIN_CONTRACT_ADDRESS',
  'MY_CHAIN_START_BLOCK',
  'KAFKA_BROKERS',
  'KAFKA_SSL',
  'KAFKA_SASL_USERNAME',
  'KAFKA_TOPICS',
  'MANAGEMENT_PORT',
  'SHUTDOWN_GRACE_SECONDS',
  'LOG_LEVEL',
];

const own: Readonly<Record<ServiceName, readonly string[]>> = {
  'ingest-realtime': ['MY_CHAIN_RPC_URL', 'POLL_INTERVAL_MS'],
  'ingest-batch': ['MY_CHAIN_RPC_URL', 'BATCH_SYNC_INTERVAL_MINUTES', 'BATCH_SYNC_SIZE'],
  projector: ['DATABASE_URL'],
  'query-api': ['DATABASE_URL', 'PORT', 'MAX_STALENESS_SECONDS'],
};

/** Enough for every service to begin, if its servers were there. */
const sound: Variables = {
  NETWORK: 'local',
  LOCAL_RPC_URL: 'http://127.0.0.1:9',
  LOCAL_CONTRACT_ADDRESS: `0x${'1'.repeat(40)}`,
  KAFKA_BROKERS: '127.0.0.1:9',
  DATABASE_URL: 'postgres://user@127.0.0.1:9/name',
};

/** Runs a program that is to refuse; gives its exit code and the problems of its only line. */
async function refusalOf(program: string, variables: Variables): Promise<{ code: number | null; problems: string[] }> {
  const service = new ServiceProcess(program, variables);
  service.start();
  const { code } = await service.ended();
  expect(service.lines).toHaveLength(1);
  expect(service.lines.join()).not.toContain(canary);
  const [line] = service.log;
  expect(line).toMatchObject({ level: 'fatal', msg: 'configuration is invalid', problems: expect.any(Array) });
  return { code, problems: [line?.['problems']].flat().map(String) };
}

const namesIn = (problems: readonly string[]): string[] =>
  [...new Set(problems.map((problem) => problem.split(':')[0] ?? ''))].sort();

describe('a broken configuration', () => {
  it.each(serviceNames)(
    'of %s is refused with all its problems in one line, without a secret',
    async (name) => {
      const { code, problems } = await refusalOf(`${name}/dist/main.js`, broken);
      expect(code).toBe(1);
      expect(namesIn(problems)).toEqual([...everywhere, ...own[name]].sort());
    },
    patience,
  );

  it.each(serviceNames)(
    'that is empty is refused by %s with the names of what it needs',
    async (name) => {
      const { code, problems } = await refusalOf(`${name}/dist/main.js`, {});
      expect(code).toBe(1);
      const location = name.startsWith('ingest') ? '<NETWORK>_RPC_URL' : 'DATABASE_URL';
      const needed = ['NETWORK', '<NETWORK>_CONTRACT_ADDRESS', 'KAFKA_BROKERS', location];
      expect(problems.sort()).toEqual(needed.map((variable) => `${variable}: is required`).sort());
    },
    patience,
  );

  it(
    'of the migrations is refused the same way',
    async () => {
      const { code, problems } = await refusalOf('projector/dist/migrate.js', broken);
      expect([code, namesIn(problems)]).toEqual([1, ['DATABASE_URL', 'LOG_LEVEL']]);
    },
    patience,
  );

  it.each([
    ['0.0.0.0', {}],
    ['::', { API_KEYS: '' }],
    ['0.0.0.0', { API_KEYS: ' , ' }],
  ])(
    'with writes open on %s is refused (%j)',
    async (host, variables) => {
      const answer = await refusalOf('query-api/dist/main.js', { ...sound, HOST: host, ...variables });
      expect([answer.code, namesIn(answer.problems)]).toEqual([1, ['API_KEYS']]);
    },
    patience,
  );
});

describe('a sound configuration', () => {
  it(
    'masks secrets in the lines about servers that are not there',
    async () => {
      const ports = await Promise.all(serviceNames.map(() => freePort()));
      const ends = serviceNames.map(async (name, index) => {
        const service = new ServiceProcess(`${name}/dist/main.js`, {
          ...sound,
          LOCAL_RPC_URL: `http://127.0.0.1:9/${canary}`,
          DATABASE_URL: `postgres://user:${canary}@127.0.0.1:9/name`,
          API_KEYS: canary,
          PORT: '0',
          MANAGEMENT_PORT: String(ports[index]),
        });
        service.start();
        await service.waits().finally(() => service.stop());
        return service.lines.join('\n');
      });
      for (const lines of await Promise.all(ends)) expect(lines).not.toContain(canary);
    },
    patience,
  );
});

import { afterEach, describe, expect, it } from '@jest/globals';
import { createDatabase, testServers, uniqueTopicPrefix, type TestDatabase } from '@hybrid-sync/devstack';
import { migrate } from '@hybrid-sync/store';
import { identity } from '../../../libs/domain/src/testing/arbitraries.js';
import { ServiceProcess } from '../../../libs/runtime/src/testing/service-process.js';

const patience = 60_000;
const canary = 'c4n4ry-password';
const started: ServiceProcess[] = [];
const databases: TestDatabase[] = [];

afterEach(async () => {
  await Promise.all(started.splice(0).map((process) => process.kill()));
  await Promise.all(databases.splice(0).map((database) => database.drop()));
}, patience);

function start(environment: Readonly<Record<string, string>>): ServiceProcess {
  const process = new ServiceProcess('query-api/dist/main.js', {
    NETWORK: 'test',
    TEST_CHAIN_ID: `${identity.chainId}`,
    TEST_CONTRACT_ADDRESS: identity.contract,
    KAFKA_BROKERS: testServers().brokers,
    KAFKA_TOPIC_PREFIX: uniqueTopicPrefix(),
    PORT: '0',
    MANAGEMENT_PORT: '0',
    ...environment,
  });
  started.push(process);
  return process;
}

const textOf = ({ lines }: ServiceProcess): string => lines.map(({ text }) => text).join('\n');

describe('the API at its start', () => {
  it(
    'waits for a schema that it knows, and says how to get it',
    async () => {
      const database = await createDatabase();
      databases.push(database);
      const process = start({ DATABASE_URL: database.url });
      expect(await process.said('not available yet')).toContain('the schema lacks 0001_read-models');
      await migrate(database.url, () => undefined);
      await process.said('ready');
      expect(await process.stop()).toBe(0);
    },
    patience,
  );

  it(
    'ends with 0 when it is told to stop while it waits for the database, and does not write its password',
    async () => {
      const process = start({ DATABASE_URL: `postgres://user:${canary}@127.0.0.1:1/sync` });
      await process.said('not available yet');
      expect(await process.stop()).toBe(0);
      expect(textOf(process)).not.toContain(canary);
    },
    patience,
  );

  it(
    'ends with 1 and every problem in one line where its configuration is wrong',
    async () => {
      const process = start({
        DATABASE_URL: `mysql://${canary}`,
        KAFKA_BROKERS: canary,
        HOST: '0.0.0.0',
        API_KEYS: ' , ',
      });
      expect(await process.exited).toBe(1);
      expect(process.lines).toHaveLength(1);
      for (const name of ['DATABASE_URL', 'KAFKA_BROKERS', 'API_KEYS']) expect(textOf(process)).toContain(name);
      expect(textOf(process)).not.toContain(canary);
    },
    patience,
  );
});

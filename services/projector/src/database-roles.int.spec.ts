import { randomBytes } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { ServiceProcess } from '../../../libs/runtime/src/testing/service-process.js';
import { Deployment } from './testing/deployment.js';

const patience = 60_000;
const [projectorRole, queryRole] = ['projector', 'query'].map((name) => `${name}_${randomBytes(6).toString('hex')}`);

let deployment: Deployment;
beforeEach(async () => {
  deployment = await Deployment.create();
}, patience);
afterEach(() => deployment.drop(), patience);

function migrateWith(environment: Readonly<Record<string, string>>): ServiceProcess {
  return new ServiceProcess('projector/dist/migrate.js', { DATABASE_URL: deployment.store.url, ...environment });
}

describe('the roles of the database', () => {
  it(
    'are given their rights by migrate.js, and the projector runs with its own',
    async () => {
      await deployment.store.rows(`create role ${projectorRole} login password 'secret'`);
      await deployment.store.rows(`create role ${queryRole} login password 'secret'`);
      const roles = { PROJECTOR_DATABASE_ROLE: `${projectorRole}`, QUERY_DATABASE_ROLE: `${queryRole}` };
      expect(await migrateWith(roles).exited).toBe(0);
      const url = new URL(deployment.store.url);
      [url.username, url.password] = [`${projectorRole}`, 'secret'];
      const process = deployment.run({ DATABASE_URL: url.href });
      await process.said('ready');
      await deployment.applied();
      expect(await process.stop()).toBe(0);
      for (const role of [projectorRole, queryRole]) {
        await deployment.store.rows(`drop owned by ${role}`);
        await deployment.store.rows(`drop role ${role}`);
      }
    },
    patience,
  );

  it(
    'that are not there end migrate.js with an error that names them',
    async () => {
      const migration = migrateWith({ PROJECTOR_DATABASE_ROLE: 'nobody' });
      expect(await migration.exited).toBe(1);
      expect(migration.lines.map(({ text }) => text).join()).toContain('role \\"nobody\\" does not exist');
    },
    patience,
  );
});

it(
  'a database that may lose what it has committed is refused, unless that is allowed',
  async () => {
    const name = new URL(deployment.store.url).pathname.slice(1);
    await deployment.store.rows(`alter database "${name}" set synchronous_commit = off`);
    const refusing = deployment.run({});
    expect(await refusing.exited).toBe(1);
    expect(refusing.lines.map(({ text }) => text).join()).toContain('synchronous_commit off');
    const allowed = deployment.run({ ALLOW_UNSAFE_DATABASE: 'true' });
    await allowed.said('ready');
    expect(await allowed.stop()).toBe(0);
  },
  patience,
);

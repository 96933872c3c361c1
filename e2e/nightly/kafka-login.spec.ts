import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { setTimeout as sleep } from 'node:timers/promises';
import { eventually } from '../eventually.js';
import { clientListener, type ClientListener } from '../projection/client-listener.js';
import { revocations } from '../projection/revocations.js';
import { Servers } from '../projection/servers.js';
import { expectFolded } from '../projection/verdict.js';
import { World } from '../projection/world.js';

const patience = 300_000;
const secret = 'canary-password-of-the-projector';
let listener: ClientListener;
let servers: Servers;
let world: World;
let written = 0;

beforeAll(async () => {
  listener = await clientListener(1, true);
  servers = await Servers.start({ properties: listener.properties });
  await servers.session.manage('password', 'projector', secret);
  world = await World.on(servers, {
    KAFKA_BROKERS: listener.brokers,
    KAFKA_SASL_MECHANISM: 'scram-sha-256',
    KAFKA_SASL_USERNAME: 'projector',
    KAFKA_SASL_PASSWORD: secret,
  });
  await servers.session.manage('allow', 'projector', world.prefix);
  await world.start(1);
  await world.write('revocations', revocations(0, 100));
  await expectFolded(world);
}, patience);
afterAll(async () => {
  await world.close().finally(() => servers.close());
  await Promise.all(listener.proxies.map((proxy) => proxy.close()));
}, patience);

/** Says what is wrong, not too often and without the secret, and goes on once it is right again. */
async function survives(wrong: () => Promise<unknown>, says: RegExp, right: () => Promise<unknown>): Promise<void> {
  const before = world.fleet.lines.length;
  await wrong();
  for (const proxy of listener.proxies) proxy.reset();
  await world.write('revocations', revocations((written += 100), 100));
  await eventually(
    'it says what is wrong',
    () => {
      world.fleet.keepUp();
      expect(world.fleet.lines.slice(before).join('\n')).toMatch(says);
    },
    60,
  );
  const said = world.fleet.lines.length;
  await sleep(10_000);
  expect(world.fleet.lines.length - said).toBeLessThan(100);
  await right();
  await expectFolded(world);
  expect(world.fleet.lines.join('\n')).not.toContain(secret);
}

describe('a projector that logs in to Kafka', () => {
  it(
    'says so when its password is not right any more, and goes on when it is (F57)',
    () =>
      survives(
        () => servers.session.manage('password', 'projector', 'another-password'),
        /authenticat|SASL/i,
        () => servers.session.manage('password', 'projector', secret),
      ),
    patience,
  );

  it(
    'says so when it may not read any more, and goes on when it may (F57)',
    () =>
      survives(
        () => servers.session.manage('deny', 'projector', world.prefix),
        /authoriz/i,
        () => servers.session.manage('allow', 'projector', world.prefix),
      ),
    patience,
  );
});

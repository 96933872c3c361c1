import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { startLoad, type Load } from './load.js';
import { expectMirror } from './mirror.js';
import { serviceNames } from './service-process.js';
import { System } from './system.js';
import { answersDuring, wronglyDenied } from './watched-answers.js';

const patience = 120_000;
let system: System;
let load: Load;

beforeAll(async () => {
  // Passes all the time: what ingest-batch publishes beside ingest-realtime must not count twice either.
  system = await System.create({ BATCH_SYNC_INTERVAL_MINUTES: '0.02' });
  await system.start();
  load = await startLoad(system.registry);
}, patience);
afterAll(async () => {
  await load.stop().finally(() => system.close());
}, patience);

describe('kill -9', () => {
  it.each(serviceNames)(
    'of %s while revocations go on loses none and doubles none',
    async (name) => {
      const service = system.service(name);
      await load.more(5);
      await service.kill();
      const { lockId, signature, blockNumber } = await load.more(5);
      service.start();
      await service.ready();
      const answers = await answersDuring({ api: system.api, lockId, signature }, async () => {
        await system.eventually('what was revoked while it was down is answered', async () => {
          expect(await system.api.revoked(lockId, signature)).toMatchObject({ isRevoked: true });
        });
        await load.more(5);
      });
      expect(wronglyDenied(answers, blockNumber)).toEqual([]);
    },
    patience,
  );

  it(
    'of each in turn leaves rows, topic and counters as the chain has them',
    async () => {
      const revoked = await load.stop();
      expect(revoked).toBeGreaterThan(40);
      expect(await expectMirror(system)).toHaveProperty('size', revoked);
      await system.eventually('every service is heard of again', async () => {
        expect(await system.api.health()).toMatchObject({ healthy: true, isListening: true, batchSyncActive: true });
      });
      expect(await system.database.query('select from retractions')).toEqual([]);
      expect(await system.database.query('select from dead_letters')).toEqual([]);
    },
    patience,
  );

  it(
    'of all at once is survived too',
    async () => {
      await Promise.all(serviceNames.map((name) => system.service(name).kill()));
      load = await startLoad(system.registry);
      await load.more(5);
      await system.start();
      await load.more(5);
      await load.stop();
      await expectMirror(system);
    },
    patience,
  );
});

describe('SIGTERM', () => {
  it(
    'ends every service with exit code 0 within 10 s, in the middle of work',
    async () => {
      load = await startLoad(system.registry);
      await load.more(3);
      const begin = performance.now();
      const exits = await system.stopServices();
      expect(exits).toEqual(serviceNames.map(() => ({ code: 0, signal: null })));
      expect(performance.now() - begin).toBeLessThan(10_000);
      await load.stop();
      for (const name of serviceNames) expect(system.service(name).log.at(-1)).toMatchObject({ msg: 'stopped' });
    },
    patience,
  );

  it(
    'loses nothing',
    async () => {
      await system.start();
      await expectMirror(system);
    },
    patience,
  );

  it(
    'is obeyed by a service that waits for its servers',
    async () => {
      await system.stopServices();
      const exits = serviceNames.map(async (name) => {
        const service = system.service(name);
        service.start({ KAFKA_BROKERS: '127.0.0.1:9' });
        await service.waits();
        return service.stop();
      });
      expect(await Promise.all(exits)).toEqual(serviceNames.map(() => ({ code: 0, signal: null })));
    },
    patience,
  );
});

import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { System } from './system.js';
import type { TopicRecord } from './topic-client.js';

const patience = 60_000;
let system: System;
let lock: bigint;

beforeAll(async () => {
  system = await System.create();
  lock = await system.registry.registerLock();
  await system.registry.revoke(lock, 'revoked');
  await system.start();
  await system.synced();
  await system.eventually('"not revoked" is said', async () => {
    expect(await system.unreadyReasons('query-api')).toEqual([]);
  });
}, patience);
afterAll(() => system.close(), patience);

const hash = `0x${'ab'.repeat(32)}`;

describe('a malformed question', () => {
  it.each([
    '007',
    '0x7',
    '+7',
    '-7',
    '7.0',
    '1e3',
    'NaN',
    ' 7',
    '7 ',
    '٧',
    '7'.repeat(79),
    `${2n ** 256n}`,
    "1' or 1=1",
  ])('about lock %j is answered 400 and never false', async (lockId) => {
    const path = `/lock/${encodeURIComponent(lockId)}`;
    for (const route of [`${path}/signature/${hash}/revoked`, `${path}/revocations`, `${path}/stats`]) {
      const { status, headers, body } = await system.api.get(route);
      expect([status, body]).toEqual([400, expect.objectContaining({ code: 'invalid-lock-id', status: 400 })]);
      expect(headers.get('content-type')).toContain('application/problem+json');
    }
  });

  it.each([
    ['64 digits without 0x', hash.slice(2)],
    ['63 digits', hash.slice(0, -1)],
    ['62 digits', hash.slice(0, -2)],
    ['66 digits', `${hash}ab`],
    ['0X', hash.replace('0x', '0X')],
    ['a line break', 'line\nbreak'],
    ['a nul', 'nul\0'],
    ['4097 bytes', 's'.repeat(4097)],
  ])('about a signature with %s is answered 400 and never false', async (_, signature) => {
    const { status, body } = await system.api.ask(lock, signature);
    expect([status, body]).toEqual([400, expect.objectContaining({ code: 'invalid-signature' })]);
    expect(body).not.toHaveProperty('isRevoked');
  });

  it('is told from one about an odd but sound lock or hash', async () => {
    for (const lockId of [2n ** 256n - 1n, 9_007_199_254_740_993n, 0n]) {
      const { status, body } = await system.api.ask(lockId, hash.toUpperCase().replace('0X', '0x'));
      expect([status, body]).toEqual([200, expect.objectContaining({ lockId: `${lockId}`, isRevoked: false })]);
    }
  });
});

async function write(key: Buffer, ...values: readonly string[]): Promise<number | undefined> {
  const records = values.map((value) => ({ key, value: Buffer.from(value) }));
  return (await system.topics.write(system.topic('signature-revocations'), ...records))[0];
}

async function deadLetters(): Promise<readonly TopicRecord[]> {
  return system.topics.read(system.topic('dead-letters'));
}

function keyOf(signature: string): Buffer {
  return Buffer.from(`${lock}-${system.registry.hashOf(signature)}`);
}

describe('a record that is not ours', () => {
  it(
    'is kept as it came and counted, its key becomes unknown, and the projector goes on',
    async () => {
      const partition = await write(keyOf('garbled'), 'not even JSON \u{1f512}');
      await system.eventually('unknown', async () => {
        const { status, body } = await system.api.ask(lock, 'garbled');
        expect([status, body]).toMatchObject([503, { code: 'read-model-stale', reasons: ['dead-letter'] }]);
      });
      expect(await system.database.query(`select partition, reason, value from dead_letters`)).toEqual([
        { partition, reason: 'the value is not JSON', value: Buffer.from('not even JSON \u{1f512}') },
      ]);
      const [letter, ...more] = await deadLetters();
      expect(more).toEqual([]);
      expect([String(letter?.key), String(letter?.value)]).toEqual([
        String(keyOf('garbled')),
        'not even JSON \u{1f512}',
      ]);
      expect(Object.fromEntries(letter?.headers ?? [])).toMatchObject({
        'dead-letter-topic': system.topic('signature-revocations'),
        'dead-letter-partition': String(partition),
        'dead-letter-reason': 'the value is not JSON',
      });
      expect(await system.metric('projector', 'hybrid_sync_dead_letters_total')).toBe(1);
      expect((await system.api.health()).reasons).toEqual(['1 unresolved dead letters']);
    },
    patience,
  );

  it('leaves the answers about other keys as they are', async () => {
    expect(await system.api.revoked(lock, 'other')).toMatchObject({ isRevoked: false });
    expect(await system.api.revoked(lock, 'revoked')).toMatchObject({ isRevoked: true });
  });

  it(
    'does not hide a revocation of its key that comes later',
    async () => {
      await system.registry.revoke(lock, 'garbled');
      await system.eventually('revoked', async () => {
        expect(await system.api.revoked(lock, 'garbled')).toMatchObject({ isRevoked: true });
      });
    },
    patience,
  );

  it(
    'is refused for every way in which it can be wrong',
    async () => {
      const records = await system.topics.read(system.topic('signature-revocations'));
      const [sound] = records.filter((record) => String(record.key) === String(keyOf('revoked')));
      const value = String(sound?.value);
      const wrong = [
        value.replace('"schemaVersion":1', '"schemaVersion":2'),
        value.replace('"chainId":31337', '"chainId":1'),
        value.replaceAll(system.registry.address, `0x${'0'.repeat(40)}`),
        value.replace('"kind":"revoked"', '"kind":"granted"'),
        value.replace(`"lockId":"${lock}"`, `"lockId":${lock}`),
        value.replace('{', '{"more":true,'),
        '[]',
      ];
      for (const each of wrong) expect(each).not.toBe(value);
      await write(keyOf('revoked'), ...wrong);
      await system.eventually('all are counted', async () => {
        expect(await system.metric('projector', 'hybrid_sync_dead_letters_total')).toBe(1 + wrong.length);
      });
      expect(await deadLetters()).toHaveLength(1 + wrong.length);
      expect(await system.api.revoked(lock, 'revoked')).toMatchObject({ isRevoked: true });
    },
    patience,
  );

  it(
    'makes its whole partition unknown where its key cannot be read',
    async () => {
      const partition = await write(Buffer.from([0xff, 0xfe]), 'with a key that is no text');
      const partitions = new Map<number, number>();
      await system.eventually('some keys are unknown', async () => {
        for (let number = 0; number < 40; number++) {
          const { status } = await system.api.ask(lock, `key ${number}`);
          partitions.set(number, status);
        }
        expect(new Set(partitions.values())).toEqual(new Set([200, 503]));
      });
      await system.database.query(
        `update dead_letters set resolved_at = now(), resolution = 'resolved' where partition = $1`,
        [partition],
      );
      for (const number of partitions.keys()) {
        expect(await system.api.revoked(lock, `key ${number}`)).toMatchObject({ isRevoked: false });
      }
    },
    patience,
  );

  it(
    'is forgotten when its letter is resolved',
    async () => {
      await system.database.query(`update dead_letters set resolved_at = now(), resolution = 'resolved'`);
      expect(await system.api.health()).toMatchObject({ healthy: true, reasons: [] });
    },
    patience,
  );

  it(
    'with a null value takes a revocation back, until an ingester sees it and puts it right',
    async () => {
      await system.topics.write(system.topic('signature-revocations'), { key: keyOf('revoked'), value: null });
      await system.eventually('it was taken back', async () => {
        const reasons = await system.database.query('select reason from retractions');
        expect(reasons).toContainEqual({ reason: 'tombstone' });
      });
      await system.eventually('revoked again', async () => {
        expect(await system.api.revoked(lock, 'revoked')).toMatchObject({ isRevoked: true });
      });
    },
    patience,
  );
});

describe('endpoints of another chain', () => {
  it(
    'are refused by both ingesters before anything is written',
    async () => {
      const elsewhere = await System.create({}, { chainId: 31_338 });
      try {
        for (const name of ['ingest-realtime', 'ingest-batch'] as const) {
          const service = elsewhere.service(name);
          service.start();
          expect(await service.ended()).toEqual({ code: 1, signal: null });
          const errors = service.log.filter(({ level }) => level === 'fatal');
          expect(errors).toMatchObject([
            { error: { message: 'endpoint-1: the endpoint is on chain 31338 and not 31337' } },
          ]);
        }
        expect(await system.topics.topicsOf(elsewhere.prefix)).toEqual([]);
      } finally {
        await elsewhere.close();
      }
    },
    patience,
  );

  it(
    'are refused where the contract is not there, or the topics belong to another deployment',
    async () => {
      const nobody = `0x${'9'.repeat(40)}`;
      const before = await system.topics.read(system.topic('sync-commands'));
      for (const variables of [{ LOCAL_CONTRACT_ADDRESS: nobody }, { LOCAL_START_BLOCK: '0' }]) {
        const batch = system.service('ingest-batch');
        await batch.stop();
        batch.start(variables);
        expect(await batch.ended()).toEqual({ code: 1, signal: null });
        expect(batch.log.filter(({ level }) => level === 'fatal')).toMatchObject([
          { error: { message: expect.stringMatching(/there is no contract at|belong to another deployment/) } },
        ]);
      }
      expect(await system.topics.read(system.topic('sync-commands'))).toEqual(before);
      system.service('ingest-batch').start();
      await expectTopicsUnharmed();
    },
    patience,
  );
});

async function expectTopicsUnharmed(): Promise<void> {
  await system.service('ingest-batch').ready();
  await system.registry.revoke(lock, 'the end');
  await system.eventually('revoked', async () => {
    expect(await system.api.revoked(lock, 'the end')).toMatchObject({ isRevoked: true });
  });
}

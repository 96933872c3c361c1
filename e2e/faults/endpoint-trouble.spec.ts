import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import {
  headAheadOfData,
  rangeLimit,
  refuse,
  resultLimit,
  silentBeyondHead,
  staleHead,
  type Faults,
} from '@hybrid-sync/devstack';
import { Ingestion } from './ingestion.js';

const patience = 60_000;
let ingestion: Ingestion;
let lock: bigint;

beforeAll(async () => {
  ingestion = await Ingestion.create({ variables: { BATCH_SYNC_SIZE: '50', RECEIPT_CHECK_BLOCKS: '0' } });
  lock = await ingestion.registry.registerLock();
  await ingestion.registry.revoke(lock, 'before');
  await ingestion.start();
  await ingestion.inStep();
}, patience);
afterEach(() => {
  ingestion.heal();
});
afterAll(() => ingestion.close(), patience);

async function revokeSome(about: string): Promise<void> {
  await ingestion.registry.revoke(lock, `${about}, alone`);
  await ingestion.registry.revokeBatch(
    lock,
    [1, 2, 3, 4, 5].map((number) => `${about}, ${number}`),
  );
  await ingestion.mine(3);
}

/** Calls that came since the faults were set. */
async function called(times: number): Promise<void> {
  await ingestion.eventually(`${times} calls`, () => {
    expect(ingestion.proxy.calls.length).toBeGreaterThanOrEqual(times);
  });
}

/** Revocations go on while the only endpoint is in trouble; when it is well again, so is the topic, within 30 s. */
async function survives(faults: Faults, calls = 6): Promise<void> {
  ingestion.proxy.forget();
  ingestion.set(faults);
  await revokeSome(expect.getState().currentTestName ?? '');
  await called(calls);
  ingestion.heal();
  await ingestion.inStep(30);
}

describe('an endpoint that does not answer as it should', () => {
  it.each<readonly [string, Faults]>([
    ['429 and Retry-After', { status: 429, retryAfter: '1', body: 'Too Many Requests' }],
    ['503 and Retry-After', { status: 503, retryAfter: '1', body: '<html>Service Unavailable</html>' }],
    ['-32005 limit exceeded', { answer: refuse(null, { code: -32_005, message: 'limit exceeded' }) }],
  ])(
    'F22 with %s is left alone, asked again, and nothing is lost',
    async (_, faults) => {
      await survives(faults, 3);
    },
    patience,
  );

  it(
    'F22 with at most 10 blocks a query and 5 logs an answer is read in ranges that it takes',
    async () => {
      ingestion.set({
        answer: [
          rangeLimit(10, 'Under the Free tier plan, you can make eth_getLogs requests with up to a 10 block range.'),
          resultLimit(5, 'query returned more than 5 results'),
        ],
      });
      await revokeSome('in small ranges');
      await ingestion.mine(100);
      await ingestion.inStep();
    },
    patience,
  );

  it.each<readonly [string, Faults]>([
    ['truncated JSON', { truncateBody: true }],
    ['an HTML page with status 200', { body: '<html>nothing here</html>' }],
  ])(
    'F24 with %s is not believed and does no harm',
    async (_, faults) => {
      await survives(faults);
    },
    patience,
  );

  it(
    'F25 that resets 30 % of its answers has every revocation published, and each as one fact',
    async () => {
      const before = await ingestion.distinctRecords();
      ingestion.set({ reset: { probability: 0.3, seed: 25 } });
      await revokeSome('through resets');
      await ingestion.inStep();
      expect(await ingestion.distinctRecords()).toBe(before + 6);
    },
    patience,
  );

  it(
    'F26 with answers under ids that nobody asked for is not believed',
    async () => {
      await survives({ wrongId: true });
    },
    patience,
  );

  it(
    'F26 with batches in another order and without every fourth answer is asked for what is missing',
    async () => {
      ingestion.set({ shuffleBatch: { seed: 26 }, dropFromBatch: 4 });
      await revokeSome('in torn batches');
      await ingestion.mine(20);
      await ingestion.inStep();
    },
    patience,
  );

  it(
    'F17 that names a head which it does not have yet is waited for',
    async () => {
      ingestion.proxy.forget();
      ingestion.set({ answer: headAheadOfData() });
      await revokeSome('ahead of data');
      await called(10);
      ingestion.heal();
      await ingestion.inStep();
    },
    patience,
  );

  it(
    'F17 that lags, and answers [] for blocks that it does not have, is believed for what it has only',
    async () => {
      ingestion.proxy.forget();
      ingestion.set({ answer: [staleHead(2), silentBeyondHead()] });
      await revokeSome('behind');
      await called(20);
      ingestion.heal();
      await ingestion.inStep();
    },
    patience,
  );
});

describe('a WebSocket endpoint', () => {
  /** Milliseconds from the revocation to its record. */
  async function untilPublished(signature: string): Promise<number> {
    await ingestion.registry.revoke(lock, signature);
    const begin = performance.now();
    const key = `${lock}-${ingestion.registry.hashOf(signature)}`;
    await ingestion.eventually('published', async () => {
      expect((await ingestion.live()).has(key)).toBe(true);
    });
    return performance.now() - begin;
  }

  it(
    'that falls silent delays nothing by more than a few seconds: the head is polled for',
    async () => {
      ingestion.set({ wsSilent: true });
      for (const number of [1, 2, 3, 4, 5]) expect(await untilPublished(`silent ${number}`)).toBeLessThan(5000);
      ingestion.heal();
      await ingestion.inStep();
    },
    patience,
  );

  it(
    'that is dropped, with the subscriptions that it held, loses nothing either and is connected again',
    async () => {
      ingestion.proxy.forget();
      ingestion.set({ wsClose: true });
      for (const number of [1, 2, 3, 4, 5]) expect(await untilPublished(`dropped ${number}`)).toBeLessThan(5000);
      ingestion.heal();
      await ingestion.eventually('subscribed again', () => {
        expect(ingestion.proxy.calls.map(({ method }) => method)).toContain('eth_subscribe');
      });
      await ingestion.inStep();
    },
    patience,
  );
});

describe('an endpoint at the start', () => {
  it.each([
    ['no contract', 'eth_getCode', '0x'],
    ['another chain', 'eth_chainId', '0x5'],
  ])(
    'F19 that shows %s once is asked again, and the process starts',
    async (_, method, answer) => {
      let left = 1;
      ingestion.set({
        only: (call) => call.method === method && call.path.endsWith('/started'),
        answer: (_call, result) => {
          left -= 1;
          return left >= 0 ? answer : result;
        },
      });
      const url = `${ingestion.proxy.url}/started`;
      const starting = await ingestion.launch('ingest-realtime', { LOCAL_RPC_URL: url });
      await ingestion.eventually('it was shown', () => {
        expect(left).toBeLessThanOrEqual(0);
      });
      ingestion.heal();
      await starting.ready();
      expect(await starting.stop()).toEqual({ code: 0, signal: null });
    },
    patience,
  );
});

describe('no endpoint at the start', () => {
  it.each([
    ['a name that does not resolve', () => 'http://no-such-host.invalid/v2/key'],
    ['no TLS where it was said to be', () => ingestion.proxy.url.replace('http', 'https')],
    ['nobody who listens', () => 'http://127.0.0.1:9'],
  ])(
    'F28 (%s) is waited for without a flood of lines, and SIGTERM is obeyed',
    async (_, url) => {
      const waiting = await ingestion.launch('ingest-realtime', { LOCAL_RPC_URL: url(), LOCAL_START_BLOCK: '0' });
      await waiting.waits();
      await ingestion.eventually('it has tried again and says that it is not ready', async () => {
        expect(waiting.log.filter(({ msg }) => msg === 'not available yet').length).toBeGreaterThanOrEqual(2);
        expect((await ingestion.ask(waiting, '/readyz')).status).toBe(503);
      });
      expect(waiting.lines.length).toBeLessThan(30);
      expect(await waiting.stop()).toEqual({ code: 0, signal: null });
    },
    patience,
  );
});

import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import {
  dropLogs,
  dropReceiptLog,
  duplicateLogs,
  emptyLogs,
  foreignLog,
  nullReceipts,
  reorderLogs,
} from '@hybrid-sync/devstack';
import type { Variables } from '../service-process.js';
import { Ingestion } from './ingestion.js';

const patience = 60_000;
let ingestion: Ingestion;
let lock: bigint;

/** Both ingesters behind one endpoint, for the tests of a group. */
function ingesting(variables: Variables = {}): void {
  beforeAll(async () => {
    ingestion = await Ingestion.create({ variables });
    lock = await ingestion.registry.registerLock();
    await ingestion.registry.revoke(lock, 'before');
    await ingestion.start();
    await ingestion.inStep();
  }, patience);
  afterEach(() => {
    ingestion.heal();
  });
  afterAll(() => ingestion.close(), patience);
}

/** Blocks with one, several and no revocations, enough of them that the first ones are final. */
async function revokeSome(about: string): Promise<number> {
  await ingestion.registry.revoke(lock, `${about}, alone`);
  const { blockNumber } = await ingestion.registry.revokeBatch(
    lock,
    [1, 2, 3, 4, 5].map((number) => `${about}, ${number}`),
  );
  await ingestion.mine(3);
  return blockNumber;
}

/** Resolves when the endpoint was asked so often for what it answers wrongly. */
async function asked(method: string, times: number): Promise<void> {
  await ingestion.eventually(`${method} was called ${times} times`, () => {
    expect(ingestion.proxy.calls.filter((call) => call.method === method).length).toBeGreaterThanOrEqual(times);
  });
}

async function expectNotCovered(block: number): Promise<void> {
  const said = [...(await ingestion.statuses('ingest-realtime')), ...(await ingestion.statuses('ingest-batch'))];
  expect(said.filter(({ coveredTo }) => Number(coveredTo) >= block)).toEqual([]);
}

describe('an only endpoint', () => {
  ingesting();

  it.each([
    ['the first', dropLogs('first')],
    ['the last', dropLogs('last')],
    ['a random one', dropLogs({ oneOf: 'random', seed: 13 })],
    ['every third', dropLogs({ every: 3 })],
  ])(
    'F13 that leaves %s of the logs out of every answer hides none, and nothing is claimed before all are there',
    async (which, tampering) => {
      ingestion.set({ answer: tampering });
      await revokeSome(`without ${which}`);
      await ingestion.inStep();
    },
    patience,
  );

  it(
    'F13 whose receipts do not add up to the root of the header is not believed until they do',
    async () => {
      ingestion.proxy.forget();
      ingestion.set({ answer: [dropReceiptLog(), dropLogs('last')] });
      const block = await revokeSome('receipts without one');
      await asked('eth_getBlockReceipts', 3);
      await expectNotCovered(block);
      ingestion.heal();
      await ingestion.inStep();
    },
    patience,
  );

  it(
    'F18 that answers null for the receipts of a block is asked again, and nothing is claimed meanwhile',
    async () => {
      ingestion.proxy.forget();
      ingestion.set({ answer: [nullReceipts(), emptyLogs()] });
      const block = await revokeSome('no receipts yet');
      await asked('eth_getBlockReceipts', 3);
      await expectNotCovered(block);
      ingestion.heal();
      await ingestion.inStep();
    },
    patience,
  );
});

describe('an only endpoint whose ranges are not read by receipts', () => {
  ingesting({ RECEIPT_CHECK_BLOCKS: '0' });

  it(
    'F12 that answers eth_getLogs with [] although the bloom allows our event is seen through by its receipts',
    async () => {
      ingestion.set({ answer: emptyLogs() });
      await revokeSome('empty');
      await ingestion.inStep();
    },
    patience,
  );

  it(
    'F15 that answers logs and batches out of order changes nothing',
    async () => {
      ingestion.set({ answer: reorderLogs(15), shuffleBatch: { seed: 15 } });
      await revokeSome('out of order');
      await ingestion.inStep();
    },
    patience,
  );

  it(
    'F15 that says every log twice has each published as one fact',
    async () => {
      ingestion.set({ answer: duplicateLogs() });
      const before = await ingestion.distinctRecords();
      await revokeSome('twice');
      await ingestion.eventually('all are published', async () => {
        expect(await ingestion.live()).toEqual(await ingestion.canonical());
      });
      ingestion.heal();
      await ingestion.inStep();
      expect(await ingestion.distinctRecords()).toBe(before + 6);
    },
    patience,
  );

  it.each(['address', 'topic0', 'topics', 'shortTopic', 'data', 'blockHash', 'blockNumber', 'removed'] as const)(
    'F20 that adds a log whose %s is wrong has it published by nobody',
    async (kind) => {
      ingestion.proxy.forget();
      ingestion.set({ answer: foreignLog(kind) });
      await revokeSome(`wrong ${kind}`);
      await asked('eth_getLogs', 2);
      ingestion.heal();
      await ingestion.inStep();
      const keys = (await ingestion.records('signature-revocations')).map(({ key }) => String(key));
      expect(keys.filter((key) => key.endsWith('f0'.repeat(32)))).toEqual([]);
    },
    patience,
  );
});

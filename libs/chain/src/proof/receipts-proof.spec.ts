import { describe, expect, it } from '@jest/globals';
import { signatureRevokedTopic } from '@hybrid-sync/domain';
import fc from 'fast-check';
import { addressOf, anyHash, hashOf } from '../../../domain/src/testing/arbitraries.js';
import { receiptsAnswer } from './receipt.js';
import { proveReceipts, type ReceiptsVerdict } from './receipts-proof.js';
import {
  writeBlock,
  type Outcome,
  type WireReceipt,
  type WrittenBlock,
  type WrittenLog,
} from '../testing/wire-receipts.js';
import { contract } from '../testing/wire-shapes.js';
import type { ChainBlock } from '../reading/wire.js';

const anyRevocation: fc.Arbitrary<WrittenLog> = fc
  .tuple(anyHash, anyHash, fc.nat())
  .map(([lock, signature, owner]) => revocation(lock, signature, hashOf(owner)));
const anyOtherLog: fc.Arbitrary<WrittenLog> = fc.record({
  address: fc.constantFrom(contract, addressOf(1), addressOf(2)),
  topics: fc.array(anyHash, { maxLength: 4 }),
  data: fc.uint8Array({ maxLength: 70 }).map((bytes) => `0x${Buffer.from(bytes).toString('hex')}`),
});
const anyOutcome: fc.Arbitrary<Outcome> = fc.record({
  type: fc.constantFrom(0, 1, 2, 3, 4, 5, 0x64, 0x7f),
  status: fc.oneof(fc.constantFrom(0, 1), anyHash),
  gasUsed: fc.integer({ min: 21_000, max: 30_000_000 }),
  logs: fc.array(fc.oneof(anyRevocation, anyOtherLog), { maxLength: 4 }),
});
const anyBlock = fc.array(anyOutcome, { minLength: 1, maxLength: 6 });

describe('the receipts of a block', () => {
  it('prove all its logs of the contract and event, in whatever order they come', async () => {
    await fc.assert(
      fc.asyncProperty(anyBlock, fc.nat(), async (outcomes, turn) => {
        const { header, receipts } = await writeBlock(7, outcomes);
        const verdict = judge(rotated(receipts, turn), header);
        const written = outcomes.flatMap(({ logs }) => logs);
        const expected = written.flatMap((log, logIndex) => (isOurs(log) ? [{ ...log, logIndex }] : []));
        expect(verdict).toMatchObject({ kind: 'proven', logs: expected });
      }),
    );
  });

  it('that are none prove an empty block', async () => {
    const { header, receipts } = await writeBlock(7, []);
    expect(judge(receipts, header)).toEqual({ kind: 'proven', logs: [] });
  });

  it('prove a batch of 1000 revocations in one transaction', async () => {
    const logs = Array.from({ length: 1000 }, (_, index) => revocation(hashOf(1), hashOf(index), hashOf(2)));
    const { header, receipts } = await writeBlock(7, [transfer, { ...transfer, logs }, transfer]);
    expect(judge(receipts, header)).toMatchObject({ kind: 'proven', logs });
  });

  it('are not those of another block with the same number', async () => {
    const [here, there] = [await writeBlock(7, [transfer]), await writeBlock(8, [transfer])];
    expect(judge(there.receipts, here.header).kind).toBe('other-block');
    expect(judge([...here.receipts, ...there.receipts], here.header).kind).toBe('refuted');
  });

  it('are refuted when anything in them is changed, dropped, repeated or swapped', async () => {
    await fc.assert(
      fc.asyncProperty(anyBlock, fc.constantFrom(...Object.keys(lies)), fc.nat(), async (outcomes, name, at) => {
        const { header, receipts } = await writeBlock(7, outcomes);
        const told = lies[name]?.(receipts, at);
        fc.pre(told !== undefined && JSON.stringify(told) !== JSON.stringify(receipts));
        expect(verdictOf(told, header)).not.toBe('proven');
      }),
      { numRuns: 150 },
    );
  });

  it('are refuted when two of them name one transaction, which the root does not cover', async () => {
    const { header, receipts } = await writeBlock(7, [transfer, transfer]);
    const said = lies['two receipts of one transaction']?.(receipts, 1);
    expect(verdictOf(said, header)).toBe('refuted');
  });

  it('are refuted when they say another place, which the root does not cover either', async () => {
    const { header, receipts } = await writeBlock(7, [transfer]);
    expect(
      judge(
        receipts.map((receipt) => ({ ...receipt, transactionIndex: '0x1' })),
        header,
      ).kind,
    ).toBe('refuted');
  });

  it('prove nothing for a header with another root', async () => {
    const { header, receipts } = await writeBlock(7, [
      { ...transfer, logs: [revocation(hashOf(1), hashOf(2), hashOf(3))] },
    ]);
    expect(judge(receipts, { ...header, receiptsRoot: hashOf(7) })).toMatchObject({ kind: 'refuted' });
  });

  it('prove nothing when a bloom does not cover a log, though the root is right', async () => {
    const { header, receipts } = await blockWithEmptyBlooms();
    expect(judge(receipts, header)).toEqual({ kind: 'refuted', reason: 'a log is outside the bloom of its receipt' });
  });
});

const transfer: Outcome = { type: 2, status: 1, gasUsed: 21_000, logs: [] };

function revocation(lock: string, signature: string, owner: string): WrittenLog {
  return { address: contract, topics: [signatureRevokedTopic, lock, signature, owner], data: '0x' };
}

function isOurs({ address, topics }: WrittenLog): boolean {
  return address === contract && topics[0] === signatureRevokedTopic;
}

function judge(receipts: readonly WireReceipt[], header: ChainBlock): ReceiptsVerdict {
  return proveReceipts(receiptsAnswer.unwrap().parse(receipts), header, contract);
}

function verdictOf(receipts: unknown, header: ChainBlock): string {
  const answer = receiptsAnswer.safeParse(receipts);
  if (!answer.success || answer.data === null) return 'malformed';
  return proveReceipts(answer.data, header, contract).kind;
}

type Lie = (receipts: readonly WireReceipt[], at: number) => readonly unknown[];

/** Every way in which an endpoint may tell something else than what happened. */
const lies: Readonly<Record<string, Lie>> = {
  'a receipt less': (receipts, at) => receipts.toSpliced(at % receipts.length, 1),
  'the last receipt less': (receipts) => receipts.slice(0, -1),
  'a receipt twice': (receipts, at) => [...receipts, receipts[at % receipts.length]],
  'a receipt less and the rest renumbered': (receipts, at) => renumbered(receipts.toSpliced(at % receipts.length, 1)),
  "two receipts in each other's place": (receipts, at) => renumbered(rotated(receipts, 1 + (at % receipts.length))),
  'a log less': ofLogs((logs, at) => logs.toSpliced(at, 1)),
  'a log less and the rest renumbered': (receipts, at) =>
    renumbered(ofLogs((logs, one) => logs.toSpliced(one, 1))(receipts, at)),
  'a log twice': ofLogs((logs, at) => [...logs, logs[at]]),
  'the logs in another order': ofLogs((logs) => logs.toReversed()),
  'the logs in another order, renumbered': (receipts, at) =>
    renumbered(ofLogs((logs) => logs.toReversed())(receipts, at)),
  'a log of another contract': ofLog('address', () => addressOf(0xbad)),
  'a log with another topic': ofLog('topics', (topics) => changedTopic(topics)),
  'a log with a topic less': ofLog('topics', (topics) => listOf(topics).slice(0, -1)),
  'a log with other data': ofLog('data', (data) => `${String(data)}00`),
  'a log at another index': ofLog('logIndex', () => '0x63'),
  'a log of another block': ofLog('blockHash', () => hashOf(0xbad)),
  'a log at another height': ofLog('blockNumber', () => '0x63'),
  'a log of another transaction': ofLog('transactionHash', () => hashOf(0xbad)),
  'a log of a transaction at another place': ofLog('transactionIndex', () => '0x63'),
  'another type': ofReceipt('type', (type) => `0x${((Number(type) + 1) % 0x80).toString(16)}`),
  'another status': ofReceipt('status', (status) =>
    status === undefined ? undefined : status === '0x1' ? '0x0' : '0x1',
  ),
  'another state root': ofReceipt('root', (root) => (root === undefined ? undefined : hashOf(0xbad))),
  'other gas': ofReceipt('cumulativeGasUsed', (gas) => `0x${(Number(gas) + 1).toString(16)}`),
  'an empty bloom': ofReceipt('logsBloom', () => `0x${'0'.repeat(512)}`),
  'a full bloom': ofReceipt('logsBloom', () => `0x${'f'.repeat(512)}`),
  'a receipt of another block': ofReceipt('blockHash', () => hashOf(0xbad)),
  'a receipt at another height': ofReceipt('blockNumber', () => '0x63'),
  'a receipt at another place': ofReceipt('transactionIndex', () => '0x63'),
  'two receipts of one transaction': (receipts, at) => {
    const transactionHash = receipts[0]?.['transactionHash'];
    const said = (fields: WireReceipt): WireReceipt => ({
      ...fields,
      transactionHash,
      logs: fields.logs.map((log) => ({ ...log, transactionHash })),
    });
    return receipts.map((receipt, each) => (each === at % receipts.length ? said(receipt) : receipt));
  },
  nothing: () => [],
};

function ofReceipt(field: string, change: (value: unknown) => unknown): Lie {
  return (receipts, at) => {
    const index = at % receipts.length;
    return receipts.map((receipt, each) =>
      each === index ? { ...receipt, [field]: change(receipt[field]) } : receipt,
    );
  };
}

function ofLogs(
  change: (logs: WireReceipt['logs'], at: number) => readonly unknown[],
): (receipts: readonly WireReceipt[], at: number) => readonly WireReceipt[] {
  return (receipts, at) => {
    const index = at % receipts.length;
    const changed = ({ logs }: WireReceipt): WireReceipt['logs'] =>
      change(logs, logs.length === 0 ? 0 : at % logs.length).flatMap((log) => (isRecord(log) ? [log] : []));
    return receipts.map((receipt, each) => (each === index ? { ...receipt, logs: changed(receipt) } : receipt));
  };
}

function ofLog(field: string, change: (value: unknown) => unknown): Lie {
  return ofLogs((logs, at) => logs.map((log, each) => (each === at ? { ...log, [field]: change(log[field]) } : log)));
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null;
}

function changedTopic(topics: unknown): readonly unknown[] {
  return [...listOf(topics).slice(0, -1), hashOf(0xbad)];
}

function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

function rotated<T>(list: readonly T[], by: number): readonly T[] {
  const turn = by % list.length;
  return [...list.slice(turn), ...list.slice(0, turn)];
}

/** As if the receipts had always stood where they stand now. */
function renumbered(receipts: readonly WireReceipt[]): readonly WireReceipt[] {
  let logIndex = 0;
  return receipts.map((receipt, index) => {
    const place = { transactionIndex: `0x${index.toString(16)}` };
    const logs = receipt.logs.map((log) => ({ ...log, ...place, logIndex: `0x${(logIndex++).toString(16)}` }));
    return { ...receipt, ...place, logs };
  });
}

/** As of a chain that does not fill its blooms. */
async function blockWithEmptyBlooms(): Promise<WrittenBlock> {
  return writeBlock(
    7,
    [{ ...transfer, logs: [revocation(hashOf(1), hashOf(2), hashOf(3))] }],
    () => `0x${'0'.repeat(512)}`,
  );
}

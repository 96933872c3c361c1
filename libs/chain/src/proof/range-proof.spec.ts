import { beforeAll, describe, expect, it } from '@jest/globals';
import type { LogProof, RevocationLog } from '@hybrid-sync/domain';
import { hashOf } from '../../../domain/src/testing/arbitraries.js';
import type { RangeLogs } from '../reading/chain-reader.js';
import { Refusal } from '../testing/plain-chain.js';
import { endpoint, readerOf, type Reader } from '../testing/readers.js';
import type { RpcServer } from '../testing/rpc-server.js';
import { SimulatedNode, type Distortion } from '../testing/simulated-node.js';
import { blockHashOf, logIn, wireLog } from '../testing/wire-shapes.js';

const counts = [0, 0, 3, 0, 1, 0, 200, 0, 0, 2, 0];
const range = { fromBlock: 1, toBlock: 10 };
let node: SimulatedNode;
beforeAll(async () => {
  node = await SimulatedNode.mine(counts);
});

type WireLog = Readonly<Record<string, unknown>>;

/** Changes the answers of eth_getLogs. */
function lying(change: (logs: readonly WireLog[]) => readonly WireLog[]): Distortion {
  return (straight) => ({ eth_getLogs: (params) => change(recordsOf(straight['eth_getLogs']?.(params))) });
}

function recordsOf(value: unknown): readonly WireLog[] {
  return Array.isArray(value) ? value.flatMap((each) => (isRecord(each) ? [each] : [])) : [];
}

function topicsOf({ topics }: WireLog): readonly unknown[] {
  return Array.isArray(topics) ? topics : [];
}

function isRecord(value: unknown): value is WireLog {
  return typeof value === 'object' && value !== null;
}

/** Changes headers, given one by one or in batches. */
function showing(change: (block: WireLog) => WireLog | null): Distortion {
  return (straight) => ({
    eth_getBlockByNumber: (params) => {
      const block = straight['eth_getBlockByNumber']?.(params);
      return isRecord(block) ? change(block) : block;
    },
  });
}

function both(...distortions: readonly Distortion[]): Distortion {
  return (straight) => distortions.reduce((methods, distort) => ({ ...methods, ...distort(straight) }), {});
}

const honest: Distortion = () => ({});
const withoutReceipts: Distortion = () => ({
  eth_getBlockReceipts: () => {
    throw new Refusal('the method eth_getBlockReceipts does not exist', -32_601);
  },
});
const empty = lying(() => []);
const inBlock = (log: WireLog, number: number): boolean => Number(log['blockNumber']) === number;
const without = (logIndex: string): Distortion =>
  lying((logs) => logs.filter((log) => !inBlock(log, 6) || log['logIndex'] !== logIndex));
const withoutOne = without('0x7');
const withoutBlock = lying((logs) => logs.filter((log) => !inBlock(log, 4)));

async function serve(...distortions: readonly Distortion[]): Promise<readonly RpcServer[]> {
  return Promise.all(distortions.map((distort) => endpoint(node.replies(distort))));
}

async function read(prove: LogProof, ...distortions: readonly Distortion[]): Promise<RangeLogs & Reader> {
  const reader = readerOf(...(await serve(...distortions)));
  return { ...reader, ...(await reader.chain.logsOfRange(range, prove)) };
}

function lines(logs: readonly RevocationLog[]): readonly string[] {
  return logs.map(({ blockNumber, logIndex }) => `${blockNumber}/${logIndex}`);
}

describe('a block that holds more logs than an endpoint gives at once', () => {
  const few = lying((logs) => {
    if (logs.length > 100) throw new Refusal('query returned more than 100 results');
    return logs;
  });

  it.each(['none', 'bloom'] as const)('is read by its receipts (%s)', async (prove) => {
    const { chain } = readerOf(await endpoint(node.replies(few)));
    expect((await chain.logsOfRange(range, prove)).logs).toEqual(node.logs(1, 10));
  });

  it('is an error where there are no receipts', async () => {
    const { chain } = readerOf(await endpoint(node.replies(both(few, withoutReceipts))));
    await expect(chain.logsOfRange(range, 'none')).rejects.toMatchObject({ kind: 'refused' });
  });
});

describe('a range that one endpoint answers for', () => {
  it.each<LogProof>(['none', 'bloom', 'receipts'])('holds every log with proof %s, which it says', async (prove) => {
    const { last, logs, proof } = await read(prove, honest);
    expect({ last, logs, proof }).toEqual({ last: node.header(10), logs: node.logs(1, 10), proof: prove });
  });

  it('is read with the headers of all its blocks, so that logs need not say their time', async () => {
    const [server] = await serve(lying((logs) => logs.map((log) => ({ ...log, blockTimestamp: undefined }))));
    const { chain } = readerOf(...(server ? [server] : []));
    expect((await chain.logsOfRange(range)).logs).toEqual(node.logs(1, 10));
    expect(server?.paramsOf('eth_getBlockByHash')).toEqual([]);
    expect(server?.paramsOf('eth_getBlockReceipts')).toEqual([]);
  });

  it.each([
    ['are all missing', empty],
    ['of a block are missing', withoutBlock],
    ['are marked as removed', lying((logs) => logs.map((log) => ({ ...log, removed: true })))],
  ])('holds the logs of receipts where those of eth_getLogs %s', async (_, distort) => {
    const { logs, proof, rejected } = await read('bloom', distort);
    expect({ logs, proof, rejected }).toEqual({ logs: node.logs(1, 10), proof: 'bloom', rejected: [] });
  });

  it('says that it is not proven where the bloom is suspicious and no endpoint gives receipts', async () => {
    const { logs, proof, found } = await read('bloom', both(withoutBlock, withoutReceipts));
    expect(lines(logs)).toEqual(lines(node.logs(1, 10).filter(({ blockNumber }) => blockNumber !== 4)));
    expect(proof).toBe('none');
    expect(found()).toContainEqual({ kind: 'suspicious-empty' });
  });

  it('holds a log that eth_getLogs drops beside others when it is to be proven by receipts', async () => {
    expect(lines((await read('bloom', withoutOne)).logs)).toHaveLength(205);
    expect(await read('receipts', withoutOne)).toMatchObject({ logs: node.logs(1, 10), proof: 'receipts' });
  });

  it('says that it is not proven where it is to be proven by receipts and no endpoint gives them', async () => {
    expect(await read('receipts', withoutReceipts)).toMatchObject({ logs: node.logs(1, 10), proof: 'none' });
  });

  it.each<[string, Distortion]>([
    ['a topic that is no hex', lying((logs) => logs.map((log) => ({ ...log, topics: topicsOf(log).with(1, '0xyz') })))],
    [
      'a log that was made up, in a block with others',
      lying((logs) => [...logs, wireLog({ ...logIn(4, 77), transactionIndex: 9 })]),
    ],
    ['a log that the bloom of its block excludes', lying((logs) => [...logs, wireLog(logIn(3, 1))])],
    [
      'a log of another block than the header',
      lying((logs) => logs.map((log) => (inBlock(log, 4) ? { ...log, blockHash: hashOf(7) } : log))),
    ],
    [
      'headers that are not each other’s parents',
      showing((block) => (block['number'] === '0x5' ? { ...block, hash: hashOf(7) } : block)),
    ],
    ['headers without a block in between', showing((block) => (block['number'] === '0x5' ? null : block))],
    [
      'another block than was asked for',
      showing((block) => (block['number'] === '0x5' ? { ...block, number: '0x6' } : block)),
    ],
  ])('is not believed with %s', async (_, distort) => {
    const [bad] = await serve(distort);
    await expect(readerOf(...(bad ? [bad] : [])).chain.logsOfRange(range)).rejects.toMatchObject({
      kind: expect.stringMatching(/malformed|unknown-block/),
    });
    const { logs, proof } = await read('bloom', distort, honest);
    expect({ logs, proof }).toEqual({ logs: node.logs(1, 10), proof: 'bloom' });
  });

  it('is not read from an endpoint that lacks its last block and therefore finds nothing', async () => {
    const behind = both(
      showing((block) => (Number(block['number']) > 8 ? null : block)),
      empty,
    );
    expect(await read('none', behind, honest)).toMatchObject({ logs: node.logs(1, 10) });
    const { chain } = readerOf(...(await serve(behind)));
    await expect(chain.logsOfRange(range, 'none')).rejects.toMatchObject({ kind: 'unknown-block' });
  });
});

describe('a range that two endpoints answer for', () => {
  it.each([
    ['the first', [withoutOne, honest]],
    ['the second', [honest, withoutOne]],
  ])('holds what the receipts say where %s drops a log, however it was to be proven', async (_, nodes) => {
    for (const prove of ['none', 'bloom'] as const) {
      const { logs, found } = await read(prove, ...nodes);
      expect(logs).toEqual(node.logs(1, 10));
      expect(found()).toContainEqual({ kind: 'disagreement', outcome: 'receipts' });
    }
  });

  it('holds what either of them says where there are no receipts, and says that it is not proven', async () => {
    const nodes = [without('0x7'), without('0x8')].map((distort) => both(distort, withoutReceipts));
    const { logs, proof, found } = await read('bloom', ...nodes);
    expect({ logs, proof }).toEqual({ logs: node.logs(1, 10), proof: 'none' });
    expect(found()).toContainEqual({ kind: 'disagreement', outcome: 'union' });
  });

  it('is asked of both at the same time', async () => {
    const [first, second] = await serve(honest, honest);
    if (first === undefined || second === undefined) throw new Error('no servers');
    const { chain, found } = readerOf(first, second);
    await chain.logsOfRange(range, 'none');
    expect([first, second].map((server) => server.paramsOf('eth_getLogs').length)).toEqual([1, 1]);
    expect(found()).toEqual([]);
  });

  it('is read all the same where one of them is down', async () => {
    const [first, second] = await serve(honest, honest);
    if (first === undefined || second === undefined) throw new Error('no servers');
    await second.close();
    const { chain, found } = readerOf(first, second);
    expect((await chain.logsOfRange(range)).logs).toEqual(node.logs(1, 10));
    expect(found()).toEqual([{ kind: 'single-opinion' }]);
  });

  it('is not believed where they have different last blocks', async () => {
    const branch = showing((block) => (block['number'] === '0xa' ? { ...block, hash: blockHashOf(99) } : block));
    const { chain, found } = readerOf(...(await serve(honest, branch)));
    await expect(chain.logsOfRange(range, 'none')).rejects.toMatchObject({ kind: 'malformed' });
    expect(found()).toContainEqual({ kind: 'disagreement', outcome: 'branch' });
  });
});

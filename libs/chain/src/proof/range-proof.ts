import { blockCount, bloomBitsOf, bloomHasBits, type BlockRange, type LogProof } from '@hybrid-sync/domain';
import { readBlockByTag, readBlocks } from '../reading/block-answer.js';
import { readBlockLogs, type RawBlockLogs } from '../reading/block-logs.js';
import { holdingLogs } from './held-logs.js';
import { revocationTopic } from '../reading/lock-registry.js';
import { inChainOrder } from '../reading/log-answer.js';
import { mapAhead } from '../reading/map-ahead.js';
import { contradiction, differingBlocks, suspiciousBlocks, unionOf } from './range-check.js';
import { readRangeLogs, type RangeAnswer } from '../reading/range-logs.js';
import type { Reading } from '../reading/reading.js';
import { RpcError } from '../endpoint/rpc-error.js';
import type { ChainBlock, StampedLog } from '../reading/wire.js';

/** The logs of a range, with the headers that were read on the way, by number. */
export interface RawRangeLogs extends RawBlockLogs {
  readonly last: ChainBlock;
  readonly headers: ReadonlyMap<number, ChainBlock>;
}

/** The logs of a range of final blocks, proven as far as it was wanted and endpoints can. */
export async function readProvenRange(range: BlockRange, prove: LogProof, reading: Reading): Promise<RawRangeLogs> {
  if (prove === 'receipts') return fromReceipts(range, reading);
  const except: string[] = [];
  for (;;) {
    const read = await readOnce(range, { prove, except }, reading);
    if (read.kind === 'read') return read.found;
    except.push(...read.endpoints);
    if (except.length >= reading.pool.size) throw new RpcError('malformed', 'eth_getLogs', read.reason);
  }
}

const blocksAtOnce = 4;
/** Up to so many blocks, as in every pass but the first, their hashes are held against their fields. */
const mostSealed = 500;

async function fromReceipts(range: BlockRange, reading: Reading): Promise<RawRangeLogs> {
  const blocks = await reading.pool.run((endpoint) => readBlocks(endpoint, range, reading));
  const bits = eventBits(reading);
  const allowed = blocks.filter(({ logsBloom }) => bloomHasBits(logsBloom, bits));
  const hold = holdingLogs(range);
  const found = await mapAhead(allowed, blocksAtOnce, async (block) => {
    const read = await readBlockLogs(block, reading);
    hold(read.logs);
    return read;
  });
  const proven = found.every(({ proof }) => proof === 'receipts');
  return {
    logs: found.flatMap(({ logs }) => logs),
    proof: proven ? 'receipts' : 'none',
    last: lastOf(blocks),
    headers: byNumber(blocks),
  };
}

interface Wanted {
  readonly prove: LogProof;
  /** Labels of endpoints that contradicted themselves or the headers. */
  readonly except: readonly string[];
}

type Read =
  | { readonly kind: 'read'; readonly found: RawRangeLogs }
  | { readonly kind: 'contradiction'; readonly reason: string; readonly endpoints: readonly string[] };

/** Two endpoints, where there are as many, are asked for the logs at the same time. */
async function readOnce(range: BlockRange, { prove, except }: Wanted, reading: Reading): Promise<Read> {
  const asking = Promise.withResolvers<string>();
  const checks = blockCount(range) <= mostSealed ? reading : null;
  const second = secondOpinion(range, asking.promise, reading);
  const options = { topics: [revocationTopic], except, asking: asking.resolve };
  const [answer, blocks] = await Promise.all([
    readRangeLogs(range, reading, options),
    prove === 'bloom' ? reading.pool.run((endpoint) => readBlocks(endpoint, range, checks), { except }) : [],
  ]);
  const headers = byNumber(blocks);
  const reason = blocks.length === 0 ? null : mismatch(answer, headers);
  if (reason !== null) return { kind: 'contradiction', reason, endpoints: [...answer.endpoints] };
  const other = independent(await second, answer);
  if (other === null && reading.pool.size > 1) reading.observe({ kind: 'single-opinion' });
  const settled = await settle({ answer, other, headers }, reading);
  return { kind: 'read', found: { ...settled, proof: prove === 'bloom' ? settled.proof : 'none' } };
}

function mismatch({ logs, last }: RangeAnswer, headers: ReadonlyMap<number, ChainBlock>): string | null {
  if (headers.get(last.number)?.hash !== last.hash) return 'the logs are of another branch than the headers';
  return contradiction(logs, headers);
}

/** Null where there is no other endpoint, or none that answers: that must not stop the first. */
async function secondOpinion(range: BlockRange, first: Promise<string>, reading: Reading): Promise<RangeAnswer | null> {
  if (reading.pool.size === 1) return null;
  const label = await first;
  try {
    return await readRangeLogs(range, reading, {
      topics: [revocationTopic],
      except: [label],
      othersOnly: true,
    });
  } catch (error) {
    if (error instanceof Error) return null;
    throw error;
  }
}

/** Null where the first answer had to come from the second endpoint as well, which agrees with itself. */
function independent(other: RangeAnswer | null, answer: RangeAnswer): RangeAnswer | null {
  return other !== null && [...other.endpoints].some((label) => answer.endpoints.has(label)) ? null : other;
}

interface Opinions {
  readonly answer: RangeAnswer;
  readonly other: RangeAnswer | null;
  /** Empty where none were read. */
  readonly headers: ReadonlyMap<number, ChainBlock>;
}

/** Takes the logs of blocks that are in doubt from their receipts; where there are none, every log that anybody gave. */
async function settle({ answer, other, headers }: Opinions, reading: Reading): Promise<RawRangeLogs> {
  if (other !== null && other.last.hash !== answer.last.hash) throw otherBranch(reading);
  const differing = new Set(other === null ? [] : differingBlocks(answer.logs, other.logs));
  const suspicious = suspiciousBlocks(answer.logs, headers, eventBits(reading));
  const removed = answer.logs.filter((log) => log.removed).map(({ blockNumber }) => blockNumber);
  suspicious.forEach(() => {
    reading.observe({ kind: 'suspicious-empty' });
  });
  const doubtful = new Set([...differing, ...suspicious, ...removed]);
  const opinions = [...answer.logs, ...(other?.logs ?? [])];
  const settled = await mapAhead(doubtful, blocksAtOnce, async (number) => {
    const block = headers.get(number) ?? (await readBlock(number, reading));
    const found = await settleBlock(block, opinions, reading);
    const outcome = found.proof === 'receipts' ? 'receipts' : 'union';
    if (differing.has(number)) reading.observe({ kind: 'disagreement', outcome });
    return { ...found, block };
  });
  const undisputed = answer.logs.filter(({ blockNumber }) => !doubtful.has(blockNumber));
  return {
    logs: inChainOrder([...undisputed, ...settled.flatMap(({ logs }) => logs)]),
    proof: settled.every(({ proof }) => proof === 'receipts') ? 'bloom' : 'none',
    last: answer.last,
    headers: new Map([...headers, ...byNumber(settled.map(({ block }) => block))]),
  };
}

function readBlock(number: number, reading: Reading): Promise<ChainBlock> {
  return reading.pool.run((endpoint) => readBlockByTag(endpoint, number, reading));
}

/** @param opinions every log that any endpoint gave */
async function settleBlock(
  block: ChainBlock,
  opinions: readonly StampedLog[],
  reading: Reading,
): Promise<RawBlockLogs> {
  const found = await readBlockLogs(block, reading);
  if (found.proof === 'receipts') return found;
  const said = opinions.filter(({ blockNumber }) => blockNumber === block.number);
  return { logs: unionOf([...said, ...found.logs]), proof: 'none' };
}

function otherBranch(reading: Reading): RpcError {
  reading.observe({ kind: 'disagreement', outcome: 'branch' });
  return new RpcError('malformed', 'eth_getBlockByNumber', 'two endpoints have different final blocks of one number');
}

function eventBits({ contract }: Reading): readonly number[] {
  return bloomBitsOf([contract, revocationTopic]);
}

function byNumber(blocks: readonly ChainBlock[]): ReadonlyMap<number, ChainBlock> {
  return new Map(blocks.map((block) => [block.number, block]));
}

function lastOf(blocks: readonly ChainBlock[]): ChainBlock {
  const last = blocks.at(-1);
  if (last === undefined) throw new Error('a range has at least one block');
  return last;
}

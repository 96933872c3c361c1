import type { LogProof } from '@hybrid-sync/domain';
import type { Endpoint } from '../endpoint/endpoint.js';
import { revocationTopic } from './lock-registry.js';
import type { LogQuery } from './log-answer.js';
import { readLogs } from './log-query.js';
import { runForBlock } from './one-block.js';
import type { Reading } from './reading.js';
import { receiptsAnswer, type Receipt } from '../proof/receipt.js';
import { proveReceipts } from '../proof/receipts-proof.js';
import { RpcError, type RpcErrorKind } from '../endpoint/rpc-error.js';
import { encodeQuantity, type ChainBlock, type StampedLog } from './wire.js';

/** The logs of one block as endpoints gave them. */
export interface RawBlockLogs {
  readonly logs: readonly StampedLog[];
  readonly proof: LogProof;
}

/**
 * All logs of the contract and event in a block, from receipts that its header commits to; where an endpoint lacks
 * them, on the word of one of them. Receipts that do not fit are never believed, and never replaced by less.
 */
export async function readBlockLogs(block: ChainBlock, reading: Reading): Promise<RawBlockLogs> {
  for (const pauseMs of [...pausesMs, null]) {
    const failures = new Set<RpcErrorKind>();
    const logs = await provenLogs(block, reading, failures);
    if (!(logs instanceof RpcError)) {
      reading.observe({ kind: 'proof', outcome: 'receipts' });
      return { logs, proof: 'receipts' };
    }
    if (failures.has('malformed'))
      throw new RpcError('malformed', receipts, 'no endpoint gives receipts that fit the header');
    if (!failures.has('unknown-block')) {
      // Nobody lacks the call: whoever is busy or down now gives the proof later, and less is not believed meanwhile.
      if (lasting.every((kind) => !failures.has(kind))) throw logs;
      break;
    }
    if (pauseMs === null)
      throw new RpcError('unknown-block', receipts, 'no endpoint has the receipts of the block yet');
    await reading.sleep(pauseMs);
  }
  reading.observe({ kind: 'proof', outcome: 'none' });
  return { logs: await unprovenLogs(block, reading), proof: 'none' };
}

/** All logs of the contract and event in a block, from its receipts; null where no endpoint gives any that fit. */
export async function readReceiptLogs(block: ChainBlock, reading: Reading): Promise<readonly StampedLog[] | null> {
  const logs = await provenLogs(block, reading, new Set());
  if (logs instanceof RpcError) return null;
  reading.observe({ kind: 'proof', outcome: 'receipts' });
  return logs;
}

const receipts = 'eth_getBlockReceipts';
/** What waiting does not mend. */
const lasting: readonly RpcErrorKind[] = ['unsupported', 'refused', 'too-large', 'too-dense', 'too-wide'];
/** Nodes announce a block before they have its receipts. */
const pausesMs = [50, 150, 400];

/** The last failure where no endpoint gave receipts that fit; `failures` tells all kinds. */
async function provenLogs(
  block: ChainBlock,
  reading: Reading,
  failures: Set<RpcErrorKind>,
): Promise<readonly StampedLog[] | RpcError> {
  const task = async (endpoint: Endpoint): Promise<readonly StampedLog[]> => {
    try {
      return await receiptLogs(endpoint, block, reading);
    } catch (error) {
      if (error instanceof RpcError) failures.add(error.kind);
      throw error;
    }
  };
  try {
    return await runForBlock(reading.pool, task);
  } catch (error) {
    if (error instanceof RpcError) return error;
    throw error;
  }
}

async function receiptLogs(endpoint: Endpoint, block: ChainBlock, reading: Reading): Promise<readonly StampedLog[]> {
  const answer = await readReceipts(endpoint, block, reading);
  const verdict = proveReceipts(answer, block, reading.contract);
  if (verdict.kind === 'proven') return verdict.logs;
  if (verdict.kind === 'other-block')
    throw new RpcError('unknown-block', receipts, 'the receipts are of another block');
  reading.observe({ kind: 'proof', outcome: 'mismatch', endpoint: endpoint.label });
  throw new RpcError('malformed', receipts, verdict.reason);
}

/** By hash, which names one block for ever; the root tells whether the receipts of a number are those of the block. */
async function readReceipts(endpoint: Endpoint, block: ChainBlock, reading: Reading): Promise<readonly Receipt[]> {
  const memory = reading.memories.of(endpoint);
  const { label } = endpoint;
  if (!memory.givesReceipts(reading.now()))
    throw new RpcError('unsupported', receipts, 'the endpoint lacks the call', { label });
  try {
    if (!memory.receiptsByNumber) return parseReceipts(await endpoint.call(receipts, [block.hash]));
    return parseReceipts(await endpoint.call(receipts, [encodeQuantity(block.number)]));
  } catch (error) {
    if (error instanceof RpcError && error.kind === 'unsupported') memory.lacksReceipts(reading.now());
    if (!(error instanceof RpcError) || error.kind !== 'refused' || memory.receiptsByNumber) throw error;
    const answer = parseReceipts(await endpoint.call(receipts, [encodeQuantity(block.number)]));
    memory.receiptsByNumber = true;
    return answer;
  }
}

function parseReceipts(answer: unknown): readonly Receipt[] {
  const parsed = receiptsAnswer.safeParse(answer);
  if (!parsed.success) throw new RpcError('malformed', receipts, 'the answer is not a list of receipts');
  if (parsed.data === null)
    throw new RpcError('unknown-block', receipts, 'the endpoint does not have the receipts yet');
  return parsed.data;
}

/** The bloom filter allows the event: that there is no log is believed only when another endpoint, if any, agrees. */
async function unprovenLogs(block: ChainBlock, reading: Reading): Promise<readonly StampedLog[]> {
  let label = '';
  const task = (endpoint: Endpoint): Promise<readonly StampedLog[]> => {
    label = endpoint.label;
    return readLogs(endpoint, queryOf(block), reading);
  };
  const logs = await runForBlock(reading.pool, task);
  if (logs.length > 0) return logs;
  reading.observe({ kind: 'suspicious-empty' });
  return reading.pool.size === 1 ? logs : runForBlock(reading.pool, task, { except: [label] });
}

function queryOf({ hash, number }: ChainBlock): LogQuery {
  return { blocks: { kind: 'block', blockHash: hash, blockNumber: number }, topics: [revocationTopic] };
}

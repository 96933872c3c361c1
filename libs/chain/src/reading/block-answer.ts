import { blockCount, type BlockRange, type Hash32 } from '@hybrid-sync/domain';
import { z } from 'zod';
import type { Endpoint } from '../endpoint/endpoint.js';
import type { Reading } from './reading.js';
import { RpcError } from '../endpoint/rpc-error.js';
import { blockAnswer, encodeQuantity, type ChainBlock } from './wire.js';

export type BlockTag = 'latest' | 'finalized' | number;

const byNumber = 'eth_getBlockByNumber';
const byHash = 'eth_getBlockByHash';
const anyObject = z.record(z.string(), z.unknown());

type HeaderChecks = Pick<Reading, 'memories' | 'observe'>;

export async function readBlockByTag(endpoint: Endpoint, tag: BlockTag, checks: HeaderChecks): Promise<ChainBlock> {
  const answer = await endpoint.call(byNumber, [typeof tag === 'number' ? encodeQuantity(tag) : tag, false]);
  const block = parseBlock(answer, byNumber);
  if (typeof tag === 'number' && block.number !== tag) throw anotherBlock(byNumber);
  return checked(block, answer, { endpoint, checks });
}

export async function readBlockByHash(endpoint: Endpoint, hash: Hash32, checks: HeaderChecks): Promise<ChainBlock> {
  const answer = await endpoint.call(byHash, [hash, false]);
  const block = parseBlock(answer, byHash);
  if (block.hash !== hash) throw anotherBlock(byHash);
  return checked(block, answer, { endpoint, checks });
}

/**
 * Every header of a range, oldest first, each the parent of the next.
 * @param checks null: their hashes are not held against their fields, which for many blocks costs more than reading them
 */
export async function readBlocks(
  endpoint: Endpoint,
  range: BlockRange,
  checks: HeaderChecks | null,
): Promise<readonly ChainBlock[]> {
  const numbers = Array.from({ length: blockCount(range) }, (_, index) => range.fromBlock + index);
  const answers = await endpoint.batch(
    byNumber,
    numbers.map((number) => [encodeQuantity(number), false]),
  );
  const blocks = numbers.map((number, index) => {
    const block = parseBlock(answers[index], byNumber);
    if (block.number !== number) throw anotherBlock(byNumber);
    return checks === null ? block : checked(block, answers[index], { endpoint, checks });
  });
  if (!areLinked(blocks)) throw new RpcError('malformed', byNumber, 'the blocks are not each other’s parents');
  return blocks;
}

/** Blocks by their hashes, in that order; their hashes are not held against their fields. */
export async function readBlocksByHash(endpoint: Endpoint, hashes: readonly Hash32[]): Promise<readonly ChainBlock[]> {
  const answers = await endpoint.batch(
    byHash,
    hashes.map((hash) => [hash, false]),
  );
  return hashes.map((hash, index) => {
    const block = parseBlock(answers[index], byHash);
    if (block.hash !== hash) throw anotherBlock(byHash);
    return block;
  });
}

function areLinked(blocks: readonly ChainBlock[]): boolean {
  return blocks.slice(1).every(({ parentHash }, index) => parentHash === blocks[index]?.hash);
}

function parseBlock(answer: unknown, method: string): ChainBlock {
  const block = blockAnswer.safeParse(answer);
  if (!block.success) throw new RpcError('malformed', method, 'the answer is not a block');
  if (block.data === null) throw new RpcError('unknown-block', method, 'the endpoint does not have the block');
  return block.data;
}

function anotherBlock(method: string): RpcError {
  return new RpcError('malformed', method, 'the answer is another block');
}

interface Source {
  readonly endpoint: Endpoint;
  readonly checks: HeaderChecks;
}

/** The block, unless its hash is found not to follow from its header. */
function checked(block: ChainBlock, answer: unknown, { endpoint, checks }: Source): ChainBlock {
  const verdict = checks.memories.of(endpoint).headers.verdict(anyObject.parse(answer), block.hash);
  if (verdict === 'sealed') return block;
  checks.observe({ kind: 'header', outcome: verdict, endpoint: endpoint.label });
  if (verdict === 'unchecked') return block;
  throw new RpcError('malformed', byNumber, 'the hash of the block does not follow from its header');
}

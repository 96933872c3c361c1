import type { Hash32 } from '@hybrid-sync/domain';
import type { Endpoint } from './endpoint.js';
import { RpcError } from './rpc-error.js';
import { blockAnswer, encodeQuantity, type ChainBlock } from './wire.js';

export type BlockTag = 'latest' | 'finalized' | number;

export async function readBlockByTag(endpoint: Endpoint, tag: BlockTag): Promise<ChainBlock> {
  const method = 'eth_getBlockByNumber';
  const block = await readBlock(endpoint, method, typeof tag === 'number' ? encodeQuantity(tag) : tag);
  if (typeof tag === 'number' && block.number !== tag)
    throw new RpcError('malformed', method, 'the answer is another block');
  return block;
}

export async function readBlockByHash(endpoint: Endpoint, hash: Hash32): Promise<ChainBlock> {
  const method = 'eth_getBlockByHash';
  const block = await readBlock(endpoint, method, hash);
  if (block.hash !== hash) throw new RpcError('malformed', method, 'the answer is another block');
  return block;
}

async function readBlock(endpoint: Endpoint, method: string, block: string): Promise<ChainBlock> {
  const answer = blockAnswer.safeParse(await endpoint.call(method, [block, false]));
  if (!answer.success) throw new RpcError('malformed', method, 'the answer is not a block');
  if (answer.data === null) throw new RpcError('unknown-block', method, 'the endpoint does not have the block');
  return answer.data;
}

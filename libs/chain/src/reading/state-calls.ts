import type { Hash32 } from '@hybrid-sync/domain';
import { readBlockByHash, readBlockByTag } from './block-answer.js';
import type { Endpoint } from '../endpoint/endpoint.js';
import type { Reading } from './reading.js';
import { RpcError, type RpcErrorKind } from '../endpoint/rpc-error.js';
import { encodeQuantity } from './wire.js';

/** Calls of one method that ask for the state after the block with this hash. */
export interface StateCalls {
  readonly method: 'eth_call' | 'eth_getCode';
  /** Without the block, which comes last. */
  readonly paramsList: readonly (readonly unknown[])[];
  readonly at: Hash32;
}

/**
 * The answers to all calls, each made into what it means by `parse`, which throws for what it does not believe. Rejects
 * as `pruned` when no endpoint that answers has the state of the block any more.
 */
export async function readState<T>(
  calls: StateCalls,
  parse: (answer: unknown) => T,
  reading: Reading,
): Promise<readonly T[]> {
  const kinds = new Set<RpcErrorKind>();
  const task = async (endpoint: Endpoint): Promise<readonly T[]> => {
    try {
      return (await readOnEndpoint(endpoint, calls, reading)).map(parse);
    } catch (error) {
      if (error instanceof RpcError) kinds.add(error.kind);
      throw error;
    }
  };
  try {
    return await reading.pool.run(task);
  } catch (error) {
    if (!kinds.has('pruned') || (error instanceof RpcError && error.kind === 'pruned')) throw error;
    throw new RpcError('pruned', calls.method, 'no endpoint that answers has the state of the block any more');
  }
}

async function readOnEndpoint(endpoint: Endpoint, calls: StateCalls, reading: Reading): Promise<readonly unknown[]> {
  const memory = reading.memories.of(endpoint);
  if (memory.statesByNumber) return readByNumber(endpoint, calls, reading);
  try {
    return await callAll(endpoint, calls, { blockHash: calls.at });
  } catch (error) {
    if (!(error instanceof RpcError) || error.kind !== 'refused') throw error;
    const answers = await readByNumber(endpoint, calls, reading);
    memory.statesByNumber = true;
    return answers;
  }
}

/** That the block is still the one of its number is checked after the calls: a reorg before would change the answers. */
async function readByNumber(endpoint: Endpoint, calls: StateCalls, reading: Reading): Promise<readonly unknown[]> {
  const { number } = await readBlockByHash(endpoint, calls.at, reading);
  const answers = await callAll(endpoint, calls, encodeQuantity(number));
  const { hash } = await readBlockByTag(endpoint, number, reading);
  if (hash === calls.at) return answers;
  throw new RpcError('unknown-block', calls.method, 'the block is not the one of its number any more');
}

function callAll(endpoint: Endpoint, { method, paramsList }: StateCalls, block: unknown): Promise<readonly unknown[]> {
  return endpoint.batch(
    method,
    paramsList.map((params) => [...params, block]),
  );
}

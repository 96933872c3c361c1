import { z } from 'zod';
import type { Reply, RpcCall } from './rpc-server.js';
import { blockHashOf, wireBlock } from './wire-shapes.js';

type Method = (params: readonly unknown[]) => unknown;

/** Answers every block of an endless chain without a log, unless a method is answered otherwise. Throw a reply to refuse. */
export function plainChain(methods: Readonly<Record<string, Method>> = {}): (call: RpcCall) => Reply {
  const answers: Readonly<Record<string, Method>> = {
    eth_chainId: () => '0x7a69',
    eth_getCode: () => '0x6000',
    eth_getLogs: () => [],
    eth_getBlockByNumber: ([tag]) => wireBlock(Number(tag)),
    eth_getBlockByHash: ([hash]) => wireBlock(Number(BigInt(String(hash)) - BigInt(blockHashOf(0)))),
    ...methods,
  };
  return ({ method, params }) => {
    const answer = answers[method];
    if (answer === undefined) return { error: { code: -32_601, message: `the method ${method} does not exist` } };
    try {
      return { result: answer(params) };
    } catch (error) {
      if (error instanceof Refusal) return { error: { code: error.code, message: error.message } };
      throw error;
    }
  };
}

/** What a method throws so that the endpoint answers with an error. */
export class Refusal extends Error {
  readonly code: number;

  constructor(message: string, code = -32_005) {
    super(message);
    this.code = code;
  }
}

const rangeFilter = z.object({ fromBlock: z.string(), toBlock: z.string() });

/** The blocks that an eth_getLogs call asks for. */
export function askedRange([filter]: readonly unknown[]): { readonly fromBlock: number; readonly toBlock: number } {
  const { fromBlock, toBlock } = rangeFilter.parse(filter);
  return { fromBlock: Number(fromBlock), toBlock: Number(toBlock) };
}

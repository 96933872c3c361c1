import { z } from 'zod';
import type { RevocationLog } from '@hybrid-sync/domain';
import { addressOf } from '../../../domain/src/testing/arbitraries.js';
import type { ChainBlock } from '../reading/wire.js';
import { plainChain, Refusal } from './plain-chain.js';
import type { Reply, RpcCall } from './rpc-server.js';
import { transactionHashOf, writeBlock, type Outcome, type WrittenBlock } from './wire-receipts.js';
import { contract, logIn, wireLog } from './wire-shapes.js';

type Method = (params: readonly unknown[]) => unknown;
type Methods = Readonly<Record<string, Method>>;

/** What a node may do to its own answers. */
export type Distortion = (honest: Methods) => Methods;

/** A chain whose headers commit to what is in its blocks, and the nodes that show it. */
export class SimulatedNode {
  readonly #blocks: readonly WrittenBlock[];
  readonly #logs: readonly RevocationLog[];

  private constructor(blocks: readonly WrittenBlock[], logs: readonly RevocationLog[]) {
    this.#blocks = blocks;
    this.#logs = logs;
  }

  /** Block n holds `counts[n]` revocations, between transactions of others. */
  static async mine(counts: readonly number[]): Promise<SimulatedNode> {
    const logs = counts.flatMap((count, number) =>
      Array.from({ length: count }, (_, index) => placed(logIn(number, index + 1))),
    );
    const blocks = counts.map((_, number) =>
      writeBlock(number, [other, ...outcomesOf(logs.filter(({ blockNumber }) => blockNumber === number)), quiet]),
    );
    return new SimulatedNode(await Promise.all(blocks), logs);
  }

  get head(): number {
    return this.#blocks.length - 1;
  }

  header(number: number): ChainBlock {
    return this.#at(number).header;
  }

  /** The revocations of these blocks, as they should be read. */
  logs(fromBlock = 0, toBlock = this.head): readonly RevocationLog[] {
    return this.#logs.filter(({ blockNumber }) => fromBlock <= blockNumber && blockNumber <= toBlock);
  }

  /** How a node of this chain replies. */
  replies(distort: Distortion = () => ({})): (call: RpcCall) => Reply {
    const honest: Methods = {
      eth_getBlockByNumber: ([tag]) =>
        this.#wireBlock(typeof tag === 'string' && !tag.startsWith('0x') ? this.head : Number(tag)),
      eth_getBlockByHash: ([hash]) => this.#wireBlock(this.#numberOf(hash)),
      eth_getBlockReceipts: ([hash]) => this.#blocks[this.#numberOf(hash)]?.receipts ?? null,
      eth_getLogs: ([filter]) => this.#filtered(filterShape.parse(filter)),
    };
    return plainChain({ ...honest, ...distort(honest) });
  }

  #at(number: number): WrittenBlock {
    const block = this.#blocks[number];
    if (block === undefined) throw new Error(`there is no block ${number}`);
    return block;
  }

  #numberOf(hash: unknown): number {
    if (typeof hash === 'string' && hash.length < 66) return Number(hash);
    return this.#blocks.findIndex(({ header }) => header.hash === hash);
  }

  #wireBlock(number: number): Readonly<Record<string, unknown>> | null {
    const header = this.#blocks[number]?.header;
    if (header === undefined) return null;
    return { ...header, number: hex(header.number), timestamp: hex(header.timestamp) };
  }

  #filtered({ fromBlock, toBlock, blockHash, topics }: Filter): readonly unknown[] {
    const from = blockHash === undefined ? Number(fromBlock) : this.#numberOf(blockHash);
    const to = blockHash === undefined ? Number(toBlock) : from;
    if (from < 0) throw new Refusal('unknown block');
    const wanted = this.logs(from, to).filter((log) => topics.every((topic, at) => log.topics[at] === topic));
    return wanted.map((log) => wireLog(log));
  }
}

const filterShape = z.object({
  fromBlock: z.string().optional(),
  toBlock: z.string().optional(),
  blockHash: z.string().optional(),
  topics: z.array(z.string()),
});
type Filter = z.infer<typeof filterShape>;

const other: Outcome = {
  type: 2,
  status: 1,
  gasUsed: 50_000,
  logs: [{ address: addressOf(0x0dd), topics: [], data: '0x07' }],
};
const quiet: Outcome = { type: 0, status: 0, gasUsed: 21_000, logs: [] };

/** One transaction with all revocations of the block. */
function outcomesOf(logs: readonly RevocationLog[]): readonly Outcome[] {
  if (logs.length === 0) return [];
  return [
    {
      type: 2,
      status: 1,
      gasUsed: 90_000,
      logs: logs.map(({ topics, data }) => ({ address: contract, topics, data })),
    },
  ];
}

/** In the second transaction of its block. */
function placed(log: RevocationLog): RevocationLog {
  return { ...log, transactionIndex: 1, transactionHash: transactionHashOf(log.blockNumber, 1) };
}

function hex(value: number): string {
  return `0x${value.toString(16)}`;
}

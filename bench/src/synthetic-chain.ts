import { keccak_256 } from '@noble/hashes/sha3.js';
import { bytesToHex, utf8ToBytes } from '@noble/hashes/utils.js';
import { z } from 'zod';
import { serveJsonRpc } from './json-rpc-server.js';
import type { ChainSource } from './revoked-chain.js';
import {
  countOf,
  gasUsed,
  isRevoked,
  logsOfBlock,
  ownerTopic,
  revokedTopic,
  syntheticContract,
  syntheticHeaders,
  word,
  zeroWord,
  type SyntheticHeader,
  type SyntheticLog,
  type SyntheticSize,
} from './synthetic-blocks.js';

/** A chain that nobody mines: its node makes up every block when it is asked, always the same one. */
export interface SyntheticChain extends ChainSource {
  readonly head: number;
  readonly blocks: number;
  readonly events: number;
  close(): Promise<void>;
}

const finalizedBehind = 64;

/** As many revocations as a real node could not be filled with in reasonable time. Answers are JSON text, ready-made. */
export async function startSyntheticChain(size: SyntheticSize): Promise<SyntheticChain> {
  const node = new SyntheticNode(size);
  const { url, close } = await serveJsonRpc((method, params) => node.answer(method, params));
  const { blocks, eventsPerBlock } = size;
  const source = { url, contract: syntheticContract, startBlock: 1 };
  return { ...source, head: blocks, blocks, events: blocks * eventsPerBlock, close };
}

const filterParam = z.object({
  fromBlock: z.string().optional(),
  toBlock: z.string().optional(),
  blockHash: z.string().optional(),
  topics: z.array(z.union([z.string(), z.array(z.string()), z.null()])).default([]),
});
const callParam = z.object({ data: z.string().optional(), input: z.string().optional() });
const blockParam = z.union([z.string(), z.object({ blockHash: z.string() }).transform(({ blockHash }) => blockHash)]);

class SyntheticNode {
  readonly #size: SyntheticSize;
  readonly #headers: readonly SyntheticHeader[];
  readonly #byHash: ReadonlyMap<string, SyntheticHeader>;
  readonly #methods: Readonly<Record<string, (params: readonly unknown[]) => string>> = {
    eth_chainId: () => '"0x7a69"',
    net_version: () => '"31337"',
    eth_blockNumber: () => quantity(this.#size.blocks),
    eth_getCode: () => '"0x00"',
    eth_getBlockByNumber: ([block]) => headerJson(this.#header(block)),
    eth_getBlockByHash: ([block]) => headerJson(this.#header(block)),
    eth_getBlockReceipts: ([block]) => this.#receipts(block),
    eth_getLogs: ([filter]) => this.#logs(filter),
    eth_call: ([call, block]) => this.#call(call, block),
  };

  constructor(size: SyntheticSize) {
    this.#size = size;
    this.#headers = syntheticHeaders(size);
    this.#byHash = new Map(this.#headers.map((header) => [header.hash, header]));
  }

  /** Null: there is no such method. */
  answer(method: string, params: readonly unknown[]): string | null {
    return this.#methods[method]?.(params) ?? null;
  }

  #header(block: unknown): SyntheticHeader | undefined {
    const named = blockParam.parse(block);
    const { blocks } = this.#size;
    if (named === 'latest' || named === 'pending') return this.#headers[blocks];
    if (named === 'finalized' || named === 'safe') return this.#headers[Math.max(0, blocks - finalizedBehind)];
    if (named === 'earliest') return this.#headers[0];
    return named.length === 66 ? this.#byHash.get(named) : this.#headers[Number(named)];
  }

  #receipts(block: unknown): string {
    const header = this.#header(block);
    return header === undefined ? 'null' : receiptsJson(header, logsOfBlock(header.number, this.#size));
  }

  #logs(filter: unknown): string {
    const { blockHash, fromBlock, toBlock, topics } = filterParam.parse(filter);
    const first = this.#header(blockHash ?? fromBlock)?.number ?? 0;
    const last = this.#header(blockHash ?? toBlock)?.number ?? this.#size.blocks;
    const found: string[] = [];
    for (const header of this.#headers.slice(first, last + 1)) {
      for (const log of logsOfBlock(header.number, this.#size)) {
        if (matches(log, topics)) found.push(logJson(log, header));
      }
    }
    return `[${found.join(',')}]`;
  }

  #call(call: unknown, block: unknown): string {
    const { data, input } = callParam.parse(call);
    const text = data ?? input ?? '';
    const at = this.#header(block)?.number ?? this.#size.blocks;
    const lock = Number(`0x${text.slice(10, 74)}`);
    const count = countOf(lock, at, this.#size);
    if (text.startsWith(countSelector)) return `"${word(count)}"`;
    return `"${word(isRevoked(lock, `0x${text.slice(74, 138)}`, count) ? 1 : 0)}"`;
  }
}

const countSelector = `0x${bytesToHex(keccak_256(utf8ToBytes('getRevokedSignatureCount(uint256)')).slice(0, 4))}`;

function matches(
  { lock, signatureHash }: SyntheticLog,
  wanted: readonly (string | readonly string[] | null)[],
): boolean {
  const topics = [revokedTopic, lock, signatureHash, ownerTopic];
  return wanted.every((want, index) => want === null || want.includes(topics[index] ?? '-'));
}

function headerJson(header: SyntheticHeader | undefined): string {
  if (header === undefined) return 'null';
  const { number, timestamp, transactionHash, ...hashes } = header;
  return JSON.stringify({
    ...hashes,
    number: hex(number),
    timestamp: hex(timestamp),
    sha3Uncles: zeroWord,
    miner: `0x${'0'.repeat(40)}`,
    stateRoot: zeroWord,
    transactionsRoot: zeroWord,
    difficulty: '0x0',
    gasLimit: hex(gasUsed),
    gasUsed: hex(gasUsed),
    extraData: '0x',
    mixHash: zeroWord,
    nonce: '0x0000000000000000',
    baseFeePerGas: '0x7',
    size: '0x400',
    uncles: [],
    transactions: number === 0 ? [] : [transactionHash],
  });
}

function receiptsJson(header: SyntheticHeader, logs: readonly SyntheticLog[]): string {
  if (logs.length === 0) return '[]';
  const receipt = JSON.stringify({
    type: '0x2',
    status: '0x1',
    cumulativeGasUsed: hex(gasUsed),
    gasUsed: hex(gasUsed),
    logsBloom: header.logsBloom,
    transactionHash: header.transactionHash,
    transactionIndex: '0x0',
    blockHash: header.hash,
    blockNumber: hex(header.number),
    from: `0x${ownerTopic.slice(26)}`,
    to: syntheticContract,
    contractAddress: null,
    effectiveGasPrice: '0x7',
  });
  return `[${receipt.slice(0, -1)},"logs":[${logs.map((log) => logJson(log, header)).join(',')}]}]`;
}

function logJson({ lock, signatureHash, logIndex }: SyntheticLog, header: SyntheticHeader): string {
  const topics = `"topics":["${revokedTopic}","${lock}","${signatureHash}","${ownerTopic}"]`;
  const block = `"blockHash":"${header.hash}","blockNumber":${quantity(header.number)}`;
  const place = `"transactionHash":"${header.transactionHash}","transactionIndex":"0x0","logIndex":${quantity(logIndex)}`;
  const rest = `"data":"0x","blockTimestamp":${quantity(header.timestamp)},"removed":false`;
  return `{"address":"${syntheticContract}",${topics},${block},${place},${rest}}`;
}

function quantity(value: number): string {
  return `"${hex(value)}"`;
}

function hex(value: number): string {
  return `0x${value.toString(16)}`;
}

import {
  address,
  decodeRevocationLog,
  hash32,
  splitBySize,
  type BlockRange,
  type RevocationLog,
} from '@hybrid-sync/domain';
import { z } from 'zod';

export interface ReferenceSource {
  readonly url: string;
  readonly contract: string;
}

/** `headers`: also reads the header of every block, which is what it takes to notice a log that is missing. */
export interface ReferenceOptions {
  readonly blocksPerQuery: number;
  readonly headers: boolean;
}

/** As many queries as ingest-batch has under way. */
const concurrency = 4;

/**
 * The least that reading can cost: asks for the logs, parses and decodes them, in order, and believes whatever comes.
 * Nothing is checked, repeated or published.
 */
export async function* readLogs(
  source: ReferenceSource,
  range: BlockRange,
  options: ReferenceOptions,
): AsyncGenerator<readonly RevocationLog[]> {
  const pieces = [...splitBySize(range, options.blocksPerQuery)];
  const read = async (piece: BlockRange): Promise<readonly RevocationLog[]> => {
    const where = { fromBlock: hex(piece.fromBlock), toBlock: hex(piece.toBlock) };
    const headers = options.headers ? readHeaders(source.url, piece) : null;
    const [logs] = await Promise.all([logsWhere(source, where), headers]);
    return logs;
  };
  const underWay = pieces.splice(0, concurrency).map(read);
  for (let first = underWay.shift(); first !== undefined; first = underWay.shift()) {
    const logs = await first;
    underWay.push(...pieces.splice(0, 1).map(read));
    yield logs;
  }
}

/** The number of the newest block. */
export async function headOf(url: string): Promise<number> {
  return Number(z.object({ result: z.string() }).parse(await post(url, call(1, 'eth_blockNumber', []))).result);
}

const logsAnswer = z.object({
  result: z.array(
    z.object({
      address: z.string(),
      topics: z.array(z.string()),
      data: z.string(),
      blockHash: hash32,
      transactionHash: hash32,
      blockNumber: z.string(),
      blockTimestamp: z.string(),
      transactionIndex: z.string(),
      logIndex: z.string(),
    }),
  ),
});

/** The revocations of one block. */
export function logsOfBlock(source: ReferenceSource, blockHash: string): Promise<readonly RevocationLog[]> {
  return logsWhere(source, { blockHash });
}

async function logsWhere({ url, contract: given }: ReferenceSource, where: object): Promise<readonly RevocationLog[]> {
  const contract = address.parse(given);
  const filter = { address: contract, topics: [revokedTopic], ...where };
  const { result } = logsAnswer.parse(await post(url, call(1, 'eth_getLogs', [filter])));
  return result.flatMap((log) => {
    const { blockNumber, blockTimestamp, transactionIndex, logIndex, ...same } = log;
    const numbers = {
      blockNumber: Number(blockNumber),
      transactionIndex: Number(transactionIndex),
      logIndex: Number(logIndex),
    };
    const decoded = decodeRevocationLog({ ...same, ...numbers, removed: false }, contract, Number(blockTimestamp));
    return decoded.kind === 'revocation' ? [decoded.log] : [];
  });
}

const revokedTopic = '0x6aafae7433d8bb4c5fa5379b396b5fd6fae3dae9fbb1b60de92f4b7c48bdf354';
const headersPerBatch = 100;

async function readHeaders(url: string, range: BlockRange): Promise<void> {
  for (const { fromBlock, toBlock } of splitBySize(range, headersPerBatch)) {
    const numbers = Array.from({ length: toBlock - fromBlock + 1 }, (_, index) => fromBlock + index);
    await post(
      url,
      numbers.map((number) => call(number, 'eth_getBlockByNumber', [hex(number), false])),
    );
  }
}

function call(id: number, method: string, params: readonly unknown[]): object {
  return { jsonrpc: '2.0', id, method, params };
}

async function post(url: string, body: object): Promise<unknown> {
  const headers = { 'content-type': 'application/json' };
  return (await fetch(url, { method: 'POST', headers, body: JSON.stringify(body) })).json();
}

function hex(value: number): string {
  return `0x${value.toString(16)}`;
}

import { rpcCall, type TestDatabase } from '@hybrid-sync/devstack';
import { z } from 'zod';
import type { TopicRecord } from './topic-client.js';

// Shares no code with the services: what they get wrong must not be wrong here in the same way.

const revokedTopic = '0x6aafae7433d8bb4c5fa5379b396b5fd6fae3dae9fbb1b60de92f4b7c48bdf354';

export interface Revocation {
  readonly owner: string;
  readonly blockNumber: number;
  readonly blockHash: string;
  /** Seconds since the epoch. */
  readonly blockTime: number;
  readonly transactionHash: string;
  readonly logIndex: number;
}

/** By `lockId-signatureHash`. */
export type Revocations = ReadonlyMap<string, Revocation>;

const blockAnswer = z.object({ number: z.string(), hash: z.string(), timestamp: z.string() });
const receiptsAnswer = z.array(
  z.object({
    logs: z.array(
      z.object({
        address: z.string(),
        topics: z.array(z.string()),
        data: z.string(),
        blockHash: z.string(),
        transactionHash: z.string(),
        logIndex: z.string(),
      }),
    ),
  }),
);

/** What the chain says now: the logs of every receipt of every block, up to the head. */
export async function canonicalRevocations(rpcUrl: string, contract: string): Promise<Revocations> {
  const head = Number(await rpcCall(rpcUrl, 'eth_blockNumber'));
  const found = new Map<string, Revocation>();
  for (let number = 0; number <= head; number++) {
    for (const [key, revocation] of await revocationsIn(rpcUrl, contract, number)) found.set(key, revocation);
  }
  return found;
}

async function revocationsIn(rpcUrl: string, contract: string, number: number): Promise<[string, Revocation][]> {
  const tag = `0x${number.toString(16)}`;
  const receipts = receiptsAnswer.parse(await rpcCall(rpcUrl, 'eth_getBlockReceipts', [tag]));
  const logs = receipts
    .flatMap((receipt) => receipt.logs)
    .filter(({ address, topics }) => address.toLowerCase() === contract && topics[0] === revokedTopic);
  if (logs.length === 0) return [];
  const block = blockAnswer.parse(await rpcCall(rpcUrl, 'eth_getBlockByNumber', [tag, false]));
  return logs.map(({ topics: [, lockId = '', signatureHash = '', owner = ''], ...log }) => [
    `${BigInt(lockId)}-${signatureHash}`,
    {
      owner: `0x${owner.slice(-40)}`,
      blockNumber: number,
      blockHash: block.hash,
      blockTime: Number(block.timestamp),
      transactionHash: log.transactionHash,
      logIndex: Number(log.logIndex),
    },
  ]);
}

const storedRow = z.object({
  key: z.string(),
  owner: z.string(),
  block_number: z.coerce.number(),
  block_hash: z.string(),
  block_time: z.coerce.number(),
  transaction_hash: z.string(),
  log_index: z.number(),
});

/** What the read model says. Throws where a key has two rows. */
export async function storedRevocations(database: TestDatabase): Promise<Revocations> {
  const rows = await database.query(
    `select
       lock_id || '-0x' || encode(signature_hash, 'hex') as key, '0x' || encode(revoked_by, 'hex') as owner,
       block_number, '0x' || encode(block_hash, 'hex') as block_hash, extract(epoch from revoked_at) as block_time,
       '0x' || encode(transaction_hash, 'hex') as transaction_hash, log_index
     from revoked_signatures`,
  );
  const stored = z
    .array(storedRow)
    .parse(rows)
    .map((row): [string, Revocation] => [
      row.key,
      {
        owner: row.owner,
        blockNumber: row.block_number,
        blockHash: row.block_hash,
        blockTime: row.block_time,
        transactionHash: row.transaction_hash,
        logIndex: row.log_index,
      },
    ]);
  const byKey = new Map(stored);
  if (byKey.size !== stored.length) throw new Error('a revocation has two rows');
  return byKey;
}

const topicValue = z.looseObject({ kind: z.enum(['revoked', 'retracted']) });
const revokedValue = z.looseObject({
  owner: z.string(),
  blockNumber: z.int(),
  blockHash: z.string(),
  blockTimestamp: z.iso.datetime(),
  transactionHash: z.string(),
  logIndex: z.int(),
});

/** What a consumer of the topic has who does as docs/topics.md says: the last record of a key wins. */
export function foldedRevocations(records: readonly TopicRecord[]): Revocations {
  const live = new Map<string, Revocation>();
  for (const record of records) {
    const value: unknown = JSON.parse(String(record.value));
    const key = String(record.key);
    if (topicValue.parse(value).kind === 'retracted') live.delete(key);
    else live.set(key, revocationOf(revokedValue.parse(value)));
  }
  return live;
}

function revocationOf({ owner, blockTimestamp, ...log }: z.infer<typeof revokedValue>): Revocation {
  const { blockNumber, blockHash, transactionHash, logIndex } = log;
  return { owner, blockNumber, blockHash, blockTime: Date.parse(blockTimestamp) / 1000, transactionHash, logIndex };
}

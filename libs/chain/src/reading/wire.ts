import { largestLogIndex, hash32, type Block, type Hash32, type RawLog } from '@hybrid-sync/domain';
import { z } from 'zod';

/** A hex quantity that fits a safe integer. */
export const quantity = z
  .string()
  .regex(/^0x[0-9a-fA-F]{1,14}$/)
  .transform((text) => Number(text))
  .refine(Number.isSafeInteger);

export function encodeQuantity(value: number): string {
  return `0x${value.toString(16)}`;
}

export const codeAnswer = z.string().regex(/^0x([0-9a-fA-F]{2})*$/);

/** The one 32-byte word that every view of the contract returns. */
export const wordAnswer = z
  .string()
  .regex(/^0x[0-9a-fA-F]{64}$/)
  .transform(BigInt);

export const bloomFilter = z.string().regex(/^0x[0-9a-fA-F]{512}$/);

/** A block as an endpoint gives it; null where the endpoint does not have it. */
export const blockAnswer = z
  .object({
    number: quantity,
    hash: hash32,
    parentHash: hash32,
    timestamp: quantity,
    logsBloom: bloomFilter,
    receiptsRoot: hash32,
  })
  .nullable();

/** A block with the bloom filter that says which logs it cannot hold, and the root of the receipts that hold all. */
export interface ChainBlock extends Block {
  readonly logsBloom: string;
  readonly receiptsRoot: Hash32;
}

/** A log and, where the endpoint says it, the time of its block in seconds since the epoch. */
export interface StampedLog extends RawLog {
  readonly blockTimestamp?: number | undefined;
}

export const rawLogAnswer = z.object({
  address: z.string(),
  topics: z.array(z.string()),
  data: z.string(),
  blockNumber: quantity,
  blockHash: hash32,
  blockTimestamp: quantity.optional(),
  transactionHash: hash32,
  transactionIndex: quantity,
  logIndex: quantity.refine((index) => index <= largestLogIndex, 'more than a block holds'),
  removed: z.boolean().default(false),
});

export const logsAnswer = z.array(rawLogAnswer);

import { RLP, type Input } from '@ethereumjs/rlp';
import { hash32 } from '@hybrid-sync/domain';
import { z } from 'zod';
import { bloomFilter, quantity, rawLogAnswer } from '../reading/wire.js';

/** The bytes of a receipt that the header's receiptsRoot commits to (EIP-2718; before Byzantium with a state root). */
export function encodeReceipt(receipt: Receipt): Uint8Array {
  const { type, outcome, cumulativeGasUsed, logsBloom, logs } = receipt;
  const fields = [outcome, cumulativeGasUsed, bytesOf(logsBloom), logs.map(encodeLog)];
  const payload = RLP.encode(fields);
  return type === 0 ? payload : Buffer.concat([Uint8Array.of(type), payload]);
}

function encodeLog({ address, topics, data }: Receipt['logs'][number]): Input {
  return [bytesOf(address), topics.map(bytesOf), bytesOf(data)];
}

function bytesOf(hex: string): Uint8Array {
  return Buffer.from(hex.slice(2), 'hex');
}

const hexOf = (bytes: number): z.ZodString => z.string().regex(new RegExp(`^0x[0-9a-fA-F]{${bytes * 2}}$`));

const receiptLog = rawLogAnswer.extend({
  address: hexOf(20),
  topics: z.array(hexOf(32)).max(4),
  data: z.string().regex(/^0x([0-9a-fA-F]{2})*$/),
});

const gas = z
  .string()
  .regex(/^0x[0-9a-fA-F]{1,16}$/)
  .transform((text) => BigInt(text));

/** One receipt of an eth_getBlockReceipts answer. */
const receiptAnswer = z
  .object({
    /** Before EIP-2718 there were none. */
    type: quantity.refine((type) => type < 0x80).default(0),
    status: quantity.refine((status) => status < 2).nullish(),
    root: hexOf(32).nullish(),
    cumulativeGasUsed: gas,
    logsBloom: bloomFilter,
    logs: z.array(receiptLog),
    transactionHash: hash32,
    transactionIndex: quantity,
    blockHash: hash32,
    blockNumber: quantity,
  })
  .transform(({ status, root, ...receipt }, context) => {
    if (root != null) return { ...receipt, outcome: bytesOf(root) };
    if (status != null) return { ...receipt, outcome: BigInt(status) };
    context.addIssue('a receipt has neither a status nor a root');
    return z.NEVER;
  });

/** `outcome` is the status, or before Byzantium the state root after the transaction. */
export type Receipt = z.output<typeof receiptAnswer>;

/** The receipts of a block; null where the endpoint does not have them. */
export const receiptsAnswer = z.array(receiptAnswer).nullable();

import { bloomBitsOf, bloomHasBits, type Address } from '@hybrid-sync/domain';
import { revocationTopic } from '../reading/lock-registry.js';
import { encodeReceipt, type Receipt } from './receipt.js';
import { indexedTrieRoot } from './trie-root.js';
import type { ChainBlock, StampedLog } from '../reading/wire.js';

/** What receipts say about the block whose header was read before. */
export type ReceiptsVerdict =
  /** They are the ones that the header commits to: these are all logs of the contract and event, in order. */
  | { readonly kind: 'proven'; readonly logs: readonly StampedLog[] }
  /** They belong to another block of this number: the chain moved in between. */
  | { readonly kind: 'other-block' }
  | { readonly kind: 'refuted'; readonly reason: string };

type Header = Pick<ChainBlock, 'number' | 'hash' | 'receiptsRoot'>;

/** Holds the receipts of a block, in whatever order they came, against its header. */
export function proveReceipts(answer: readonly Receipt[], header: Header, contract: Address): ReceiptsVerdict {
  const receipts = answer.toSorted((a, b) => a.transactionIndex - b.transactionIndex);
  if (receipts.length > 0 && receipts.every(({ blockHash }) => blockHash !== header.hash))
    return { kind: 'other-block' };
  const reason = misplaced(receipts, header) ?? outsideBlooms(receipts, contract) ?? anotherRoot(receipts, header);
  if (reason !== null) return { kind: 'refuted', reason };
  const logs = receipts.flatMap((receipt) => receipt.logs);
  return { kind: 'proven', logs: logs.filter((log) => isRevocation(log, contract)).map(plainLog) };
}

function isRevocation({ address, topics }: StampedLog, contract: Address): boolean {
  return address.toLowerCase() === contract && topics[0]?.toLowerCase() === revocationTopic;
}

/** Whether a log was removed is nothing that a receipt commits to. */
function plainLog(log: StampedLog): StampedLog {
  return { ...log, removed: false };
}

/** The root does not cover the places of receipts and logs; they must fit each other. */
function misplaced(receipts: readonly Receipt[], header: Header): string | null {
  let logIndex = 0;
  for (const [index, receipt] of receipts.entries()) {
    if (!isIn(receipt, header)) return 'a receipt belongs to another block';
    if (receipt.transactionIndex !== index) return 'a receipt is missing or comes twice';
    for (const log of receipt.logs) {
      if (!isIn(log, header) || !belongs(log, receipt)) return 'a log belongs to another transaction';
      if (log.logIndex !== logIndex) return 'the log indexes are not consecutive';
      logIndex += 1;
    }
  }
  const transactions = new Set(receipts.map(({ transactionHash }) => transactionHash));
  return transactions.size === receipts.length ? null : 'two receipts name one transaction';
}

function isIn({ blockNumber, blockHash }: Pick<Receipt, 'blockNumber' | 'blockHash'>, header: Header): boolean {
  return blockNumber === header.number && blockHash === header.hash;
}

function belongs(log: StampedLog, receipt: Receipt): boolean {
  return log.transactionIndex === receipt.transactionIndex && log.transactionHash === receipt.transactionHash;
}

/** Where a bloom does not cover its logs, no bloom of the chain rules the event out. */
function outsideBlooms(receipts: readonly Receipt[], contract: Address): string | null {
  const bits = new Map<string, readonly number[]>();
  const covered = (bloom: string, part: string): boolean => {
    const known = bits.get(part) ?? bloomBitsOf([part]);
    bits.set(part, known);
    return bloomHasBits(bloom, known);
  };
  const allCovered = ({ logsBloom, logs }: Receipt): boolean =>
    logs
      .filter((log) => isRevocation(log, contract))
      .every(({ address, topics }) => [address, ...topics].every((part) => covered(logsBloom, part)));
  return receipts.every(allCovered) ? null : 'a log is outside the bloom of its receipt';
}

function anotherRoot(receipts: readonly Receipt[], { receiptsRoot }: Header): string | null {
  const root = Buffer.from(indexedTrieRoot(receipts.map(encodeReceipt))).toString('hex');
  return `0x${root}` === receiptsRoot ? null : 'the receipts are not those that the header commits to';
}

import {
  contains,
  revocationKey,
  type BlockRange,
  type ParsedRevocationRecord,
  type ScannedRange,
} from '@hybrid-sync/domain';
import type { LogRecord } from '@hybrid-sync/kafka';
import { fingerprintOf, KeyTable, type KeyEntry } from './key-table.js';

/** Where the record of a key stands on the revocation topic. */
export interface LivePlace {
  readonly fingerprint: string;
  readonly partition: number;
  readonly offset: number;
}

/** More than any topic has. */
const partitions = 2 ** 16;
const word = 2 ** 32;

/** Block and place of every live record of a range, by key, in 30 to 40 bytes each. */
export class LivePlaces {
  readonly #range: BlockRange;
  readonly #table = new KeyTable(3);

  constructor(range: BlockRange) {
    this.#range = range;
  }

  /** The last record of a key wins, as in {@link foldWindow}. */
  apply(parsed: ParsedRevocationRecord, { partition, offset }: Pick<LogRecord, 'partition' | 'offset'>): void {
    if (parsed.key === null) return;
    const block = parsed.kind === 'record' && parsed.record.kind === 'revoked' ? parsed.record.blockNumber : null;
    const fingerprint = fingerprintOf(parsed.key);
    if (block === null || !contains(this.#range, block)) this.#table.delete(fingerprint);
    else this.#table.set(fingerprint, block - this.#range.fromBlock, ...wordsOf(partition, offset));
  }

  /** Those in the scanned part of the range whose keys no scanned log has. */
  besides({ range, logs }: Pick<ScannedRange, 'range' | 'logs'>): readonly LivePlace[] {
    const { fromBlock } = this.#range;
    const canonical = new Set(logs.map((log) => fingerprintOf(revocationKey(log))));
    return this.#table
      .within(range.fromBlock - fromBlock, range.toBlock - fromBlock)
      .filter(({ fingerprint }) => !canonical.has(fingerprint))
      .map(placeOf);
  }
}

function wordsOf(partition: number, offset: number): readonly [number, number] {
  return [offset % word, Math.floor(offset / word) * partitions + partition];
}

function placeOf({ fingerprint, numbers: [, low = 0, high = 0] }: KeyEntry): LivePlace {
  return { fingerprint, partition: high % partitions, offset: Math.floor(high / partitions) * word + low };
}

import {
  foldWindow,
  parseRevocationRecord,
  type BlockRange,
  type ContractIdentity,
  type LiveRecord,
  type OffsetVector,
  type ParsedRevocationRecord,
  type ScannedRange,
  type TopicNames,
  type Window,
} from '@hybrid-sync/domain';
import type { LogReader, LogRecord } from '@hybrid-sync/kafka';
import { fingerprintOf } from './key-table.js';
import { LivePlaces, type LivePlace } from './live-places.js';
import type { OpenReader } from './open-reader.js';

export interface TopicFoldOptions {
  readonly topics: Pick<TopicNames, 'revocations'>;
  readonly identity: ContractIdentity;
  readonly openReader: OpenReader;
}

export interface RangeFoldOptions extends TopicFoldOptions {
  /** Called with every batch that is read: a long topic takes a while. */
  readonly progressed: () => void;
}

/** What the revocation topic held of a range of blocks when it was folded. */
export interface RangeFold {
  /**
   * The records that were live in the scanned part of the range and whose keys no scanned log has. They are read once
   * more: those that were written again since are left out, or as they stand now.
   */
  besides(scanned: Pick<ScannedRange, 'range' | 'logs'>): Promise<Window>;
}

/** Folds the whole revocation topic as it stands now. Of a live record only its block and its place are kept. */
export async function foldRange(range: BlockRange, options: RangeFoldOptions): Promise<RangeFold> {
  const places = new LivePlaces(range);
  const ends = await readFold(options, {
    apply: (record) => {
      places.apply(parsedOf(record, options), record);
    },
    ended: (reader) => reader.caughtUp(),
  });
  return {
    besides: async (scanned) => {
      const missing = places.besides(scanned);
      return missing.length === 0 ? new Map<string, LiveRecord>() : readPlaces(missing, ends, options);
    },
  };
}

/** From the first of the places on, to the last one of each partition at least. */
async function readPlaces(
  places: readonly LivePlace[],
  ends: OffsetVector,
  options: RangeFoldOptions,
): Promise<Window> {
  const live = new Map<string, LiveRecord>();
  const wanted = new Set(places.map(({ fingerprint }) => fingerprint));
  const [from, to] = [new Map(ends), new Map<number, number>()];
  for (const { partition, offset } of places) {
    from.set(partition, Math.min(offset, from.get(partition) ?? offset));
    to.set(partition, Math.max(offset + 1, to.get(partition) ?? 0));
  }
  await readFold(options, {
    from,
    apply: (record) => {
      const parsed = parsedOf(record, options);
      if (parsed.key !== null && wanted.has(fingerprintOf(parsed.key))) foldWindow(live, parsed, -1);
    },
    ended: (reader) => reader.reached(options.topics.revocations, to),
  });
  return live;
}

function parsedOf({ key, value }: LogRecord, { identity }: TopicFoldOptions): ParsedRevocationRecord {
  return parseRevocationRecord(key, value, identity);
}

interface FoldReading {
  readonly from?: OffsetVector;
  readonly apply: (record: LogRecord) => void;
  /** Resolves when enough has been read. */
  readonly ended: (reader: LogReader) => Promise<void>;
}

/** Reads the revocation topic until enough is read. Gives where the reading has ended. */
export async function readFold(
  { topics, openReader, progressed }: RangeFoldOptions,
  { apply, ended, ...begin }: FoldReading,
): Promise<OffsetVector> {
  const reader = await openReader(topics.revocations, {
    ...begin,
    apply: (records) => {
      progressed();
      for (const record of records) apply(record);
    },
  });
  try {
    await ended(reader);
    return reader.position(topics.revocations);
  } finally {
    await reader.close();
  }
}

import { type Standing, standingAt } from './batch-slice.js';
import type { GroupHandler } from './group-handler.js';
import { OffsetBeyondEndError } from './offset-errors.js';
import type { OffsetRange } from './offset-vector.js';
import type { PartitionMap, TopicPartition } from './topic-partition.js';

/** Where partitions continue, and which of them must wait. */
export interface Placement {
  readonly placed: readonly (TopicPartition & Standing)[];
  readonly held: readonly TopicPartition[];
}

export interface Placing {
  readonly handler: Pick<GroupHandler, 'assigned' | 'truncated' | 'beyondEnd'>;
  readonly rangesOf: (topic: string) => Promise<ReadonlyMap<number, OffsetRange>>;
  /** Positions that the broker would not fetch from: more than its end offset, which a new leader may report too low, proves a loss. */
  readonly refused: PartitionMap<number>;
}

/** Asks the handler, and holds its positions against what the partitions hold. Throws OffsetBeyondEndError. */
export async function placePartitions(partitions: readonly TopicPartition[], placing: Placing): Promise<Placement> {
  const asked = await placing.handler.assigned(partitions);
  const ranges = new Map<string, ReadonlyMap<number, OffsetRange>>();
  const placed: (TopicPartition & Standing)[] = [];
  const held: TopicPartition[] = [];
  for (const { topic, partition } of partitions) {
    const at = { topic, partition };
    const position = asked.find((one) => one.topic === topic && one.partition === partition)?.nextOffset;
    const known = ranges.get(topic) ?? (await placing.rangesOf(topic));
    ranges.set(topic, known);
    const standing =
      position === undefined ? null : await placeOne(at, position, { placing, range: known.get(partition) });
    if (standing === null) held.push(at);
    else placed.push({ ...at, ...standing });
  }
  return { placed, held };
}

/** Null: the partition is held. */
async function placeOne(
  at: TopicPartition,
  position: number,
  { placing, range = { start: 0, end: 0 } }: { readonly placing: Placing; readonly range: OffsetRange | undefined },
): Promise<Standing | null> {
  const { handler, refused } = placing;
  const standing = standingAt(position, range);
  if (position < range.start) {
    return (await handler.truncated?.(at, position, range.start)) === 'hold' ? null : standing;
  }
  if (refused.get(at) !== position) {
    refused.delete(at);
    return standing;
  }
  if ((await handler.beyondEnd?.(at, position, range.end)) === 'hold') return null;
  throw new OffsetBeyondEndError(at, position, range.end);
}

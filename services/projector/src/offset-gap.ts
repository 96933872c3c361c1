import type { RecordBatch, TopicPartition } from '@hybrid-sync/kafka';

/**
 * The batch that moves over offsets whose records are gone. Without it a partition that holds nothing any more would stand
 * before its end until the next record comes.
 */
export function offsetGap({ topic, partition }: TopicPartition, fromOffset: number, start: number): RecordBatch {
  return { topic, partition, fromOffset, nextOffset: start, endOffset: start, records: [] };
}

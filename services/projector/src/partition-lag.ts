/** What is known of one partition. Times in milliseconds; `now` and `endedAt` on one monotonic clock, the rest by the epoch. */
export interface PartitionStanding {
  /** The next offset to apply. */
  readonly appliedOffset: number;
  /** The next offset to be written, as last looked up; null before the first look. */
  readonly endOffset: number | null;
  /** When the last applied record was written; null where none has been applied yet. */
  readonly recordWrittenAt: number | null;
  /** When everything that was in the partition had been applied last, or when the partition was taken over. */
  readonly atEndAt: number;
}

export function lagRecords({ appliedOffset, endOffset }: PartitionStanding): number {
  return Math.max(0, (endOffset ?? appliedOffset) - appliedOffset);
}

/**
 * At most how long the oldest record that is not applied yet has been waiting: it was written after the last applied one,
 * and after the partition was at its end.
 */
export function lagSeconds(
  standing: PartitionStanding,
  now: { readonly epoch: number; readonly monotonic: number },
): number {
  if (lagRecords(standing) === 0) return 0;
  const sinceEnd = now.monotonic - standing.atEndAt;
  const sinceWritten = standing.recordWrittenAt === null ? Infinity : now.epoch - standing.recordWrittenAt;
  return Math.max(0, Math.min(sinceEnd, sinceWritten)) / 1000;
}

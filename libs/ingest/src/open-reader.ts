import type { OffsetVector } from '@hybrid-sync/domain';
import type { LogReader, LogRecord } from '@hybrid-sync/kafka';

/** `apply` gets the records of one topic in order, each once. */
export interface Reading {
  readonly apply: (records: readonly LogRecord[]) => void;
  /** Where to begin; the beginning where it is missing, or where the topic ends before it. */
  readonly from?: OffsetVector;
}

/** Opens a reader of one topic. */
export type OpenReader = (topic: string, reading: Reading) => Promise<LogReader>;

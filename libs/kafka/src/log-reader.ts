import type { LogRecord } from './log-record.js';
import type { OffsetVector } from './offset-vector.js';

/** Reads whole topics, to the end and on, for ever. Commits nothing; has every partition of every topic. */
export interface LogReader {
  /** Resolves when everything below `offsets` of `topic` has been applied. Rejects on abort, close and failure. */
  reached(topic: string, offsets: OffsetVector, signal?: AbortSignal): Promise<void>;
  /** Resolves when everything below the end offsets at the time of the call has been applied. */
  caughtUp(signal?: AbortSignal): Promise<void>;
  /** The next offset to apply, by partition. */
  position(topic: string): OffsetVector;
  close(): Promise<void>;
}

export interface LogReaderOptions {
  readonly topics: readonly string[];
  /** The reader is alone in a group `<groupPrefix>.<random>`. */
  readonly groupPrefix: string;
  /**
   * topic -> where to begin; a partition that is not named begins at its start. Where one of a topic's offsets lies beyond
   * the end, the topic was made again, and all of it is read.
   */
  readonly from?: ReadonlyMap<string, OffsetVector>;
  /** Synchronous, in offset order per partition, each offset once, whatever happens to the connection. */
  apply(records: readonly LogRecord[]): void;
  /** The reader is dead for good: the process should end. */
  fail(error: Error): void;
}

import {
  type KafkaConnection,
  type LogReader,
  type LogReaderOptions,
  type LogRecord,
  openLogReader,
} from '../index.js';

export interface SeeingReader {
  readonly reader: LogReader;
  readonly seen: LogRecord[];
  readonly failures: Error[];
}

/** A log reader that keeps what it applies. */
export async function seeingReader(
  kafka: KafkaConnection,
  topic: string,
  options: Partial<LogReaderOptions> = {},
): Promise<SeeingReader> {
  const seen: LogRecord[] = [];
  const failures: Error[] = [];
  const reader = await openLogReader(kafka, {
    topics: [topic],
    groupPrefix: `reader.${topic}`,
    apply: (records) => seen.push(...records),
    fail: (error) => failures.push(error),
    ...options,
  });
  return { reader, seen, failures };
}

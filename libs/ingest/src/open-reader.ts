import type { LogReader, LogRecord } from '@hybrid-sync/kafka';

/** Opens a reader of one topic, from its beginning. `apply` gets its records in order, each once. */
export type OpenReader = (topic: string, apply: (records: readonly LogRecord[]) => void) => Promise<LogReader>;

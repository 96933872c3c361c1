import type { LogRecord } from '../index.js';

/** `partition/offset key=value` of each record, in the order given. */
export function asLines(records: readonly LogRecord[]): readonly string[] {
  return records.map(({ partition, offset, key, value }) => `${partition}/${offset} ${text(key)}=${text(value)}`);
}

/** The last value of each key. */
export function folded(records: readonly LogRecord[]): ReadonlyMap<string, string> {
  return new Map(records.map(({ key, value }) => [text(key), text(value)]));
}

function text(bytes: Buffer | null | undefined): string {
  return bytes?.toString('utf8') ?? '';
}

import { parseStatusRecord, type BackfillStatus, type ComponentStatus } from '@hybrid-sync/domain';
import type { LogRecord, RecordBatch } from '@hybrid-sync/kafka';
import type { DeadLetter } from '@hybrid-sync/store';
import { deadLetterOf } from './dead-letter.js';

export interface Stamped<T> {
  readonly status: T;
  readonly offset: number;
  readonly timestamp: number;
}

export interface FoldedStatuses {
  readonly components: readonly Stamped<ComponentStatus>[];
  readonly backfills: readonly Stamped<BackfillStatus>[];
  readonly deadLetters: readonly DeadLetter[];
}

/** In topic order, without the statuses that the next one of the same component or command makes worthless. */
export function foldStatuses(batch: RecordBatch): FoldedStatuses {
  const components: Stamped<ComponentStatus>[] = [];
  const backfills = new Map<string, Stamped<BackfillStatus>>();
  const deadLetters: DeadLetter[] = [];
  for (const record of batch.records) {
    const parsed = parseStatusRecord(record.key, record.value);
    if (parsed.kind === 'malformed') deadLetters.push(deadLetterOf(record, null, parsed.reason));
    else if (parsed.kind === 'component') components.push(stamped(parsed.status, record));
    else backfills.set(parsed.status.commandId, stamped(parsed.status, record));
  }
  return { components: withoutSuperseded(components), backfills: [...backfills.values()], deadLetters };
}

/** The end of a pass is where `syncing` turns false, so those turns stay. */
function withoutSuperseded(statuses: readonly Stamped<ComponentStatus>[]): readonly Stamped<ComponentStatus>[] {
  return statuses.filter(({ status }, index) => {
    const next = statuses.slice(index + 1).find((later) => later.status.component === status.component);
    return next?.status.syncing !== status.syncing;
  });
}

function stamped<T>(status: T, { offset, timestamp }: LogRecord): Stamped<T> {
  return { status, offset, timestamp };
}

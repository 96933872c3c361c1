import { parseStatusRecord, type BackfillStatus, type ComponentStatus } from '@hybrid-sync/domain';
import type { LogRecord, RecordBatch } from '@hybrid-sync/kafka';
import type { BackfillTimes, StatusOrigin } from '@hybrid-sync/store';
import { deadLetterOf, type MetLetter } from './dead-letter.js';

export interface FoldedComponent {
  readonly status: ComponentStatus;
  readonly origin: Omit<StatusOrigin, 'revocationTopic' | 'topicIncarnation'>;
}

export interface FoldedBackfill {
  readonly status: BackfillStatus;
  readonly times: BackfillTimes;
}

export interface FoldedStatuses {
  readonly components: readonly FoldedComponent[];
  readonly backfills: readonly FoldedBackfill[];
  readonly deadLetters: readonly MetLetter[];
}

/**
 * In topic order, without the statuses that the next one of the same component or command makes worthless. What only
 * those knew, since when something holds, is kept.
 */
export function foldStatuses(batch: RecordBatch): FoldedStatuses {
  const components = new ComponentFold();
  const backfills = new Map<string, FoldedBackfill>();
  const deadLetters: MetLetter[] = [];
  for (const record of batch.records) {
    const parsed = parseStatusRecord(record.key, record.value);
    if (parsed.kind === 'malformed') deadLetters.push(deadLetterOf(record, null, parsed.reason));
    else if (parsed.kind === 'component') components.add(parsed.status, record);
    else if (parsed.kind === 'backfill')
      backfills.set(parsed.status.commandId, updated(backfills.get(parsed.status.commandId), parsed.status, record));
  }
  return { components: components.kept(), backfills: [...backfills.values()], deadLetters };
}

function updated(before: FoldedBackfill | undefined, status: BackfillStatus, { timestamp }: LogRecord): FoldedBackfill {
  return { status, times: { startedAt: before?.times.startedAt ?? timestamp, updatedAt: timestamp } };
}

class ComponentFold {
  readonly #all: FoldedComponent[] = [];
  readonly #superseded = new Set<FoldedComponent>();
  readonly #last = new Map<string, FoldedComponent>();
  /** When a block was first claimed. */
  readonly #claimed = new Map<string, number>();

  add(status: ComponentStatus, { offset, timestamp }: LogRecord): void {
    const before = this.#last.get(status.component);
    // The end of a pass is where `syncing` turns false, so one status stays of each run that says the same of it.
    const same = before?.status.syncing === status.syncing ? before : null;
    const syncingSince = same?.origin.syncingSince ?? timestamp;
    const coveredSince = this.#claimedSince(status, timestamp);
    const folded = { status, origin: { offset, timestamp, syncingSince, coveredSince } };
    if (same !== null) this.#superseded.add(same);
    this.#last.set(status.component, folded);
    this.#all.push(folded);
  }

  kept(): readonly FoldedComponent[] {
    return this.#all.filter((folded) => !this.#superseded.has(folded));
  }

  #claimedSince({ component, coverage }: ComponentStatus, timestamp: number): number {
    if (coverage === null) return timestamp;
    const claim = `${component} ${coverage.coveredToHash}`;
    const since = this.#claimed.get(claim) ?? timestamp;
    this.#claimed.set(claim, since);
    return since;
  }
}

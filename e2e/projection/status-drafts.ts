import type { Outgoing } from '../topic-session.js';
import { deployment, hashOf } from './drafts.js';

export type Component = 'ingest-realtime' | 'ingest-batch';

/** One record of the status topic. */
export type StatusDraft =
  | {
      readonly kind: 'component';
      readonly component: Component;
      readonly syncing: boolean;
      /** How many blocks below the head are covered; null where nothing is. */
      readonly behind: number | null;
      /** How much its offsets lie beyond the present end of each partition. */
      readonly beyond: number;
    }
  | { readonly kind: 'backfill'; readonly command: number; readonly state: 'running' | 'succeeded' | 'failed' }
  | { readonly kind: 'garbage'; readonly key: string | null };

/** What a status is said about: a block that every next one lies above, and the ends of the revocation topic. */
export interface StatusMoment {
  readonly block: number;
  readonly ends: ReadonlyMap<number, number>;
}

export function statusOf(draft: StatusDraft, moment: StatusMoment): Outgoing {
  switch (draft.kind) {
    case 'component':
      return { key: Buffer.from(draft.component), value: encoded(componentOf(draft, moment)) };
    case 'backfill':
      return { key: Buffer.from(commandIdOf(draft.command)), value: encoded(backfillOf(draft, moment.block)) };
    case 'garbage':
      return { key: Buffer.from(draft.key ?? 'ingest-batch'), value: Buffer.from('{"schemaVersion":1}') };
  }
}

function componentOf(
  { component, syncing, behind, beyond }: Extract<StatusDraft, { kind: 'component' }>,
  { block, ends }: StatusMoment,
): object {
  const offsets = Object.fromEntries([...ends].map(([partition, end]) => [partition, end + beyond]));
  return {
    schemaVersion: 1,
    kind: 'component',
    component,
    ...deployment,
    startBlock: 1,
    startBlockHash: hashOf(1),
    head: blockOf(block),
    finalized: blockOf(Math.max(0, block - 64)),
    syncing,
    ...(behind === null ? nothing : coverageOf(Math.max(1, block - behind), offsets)),
    finalityViolation: null,
    proof: 'receipts',
    windowOffsets: {},
    audit:
      component === 'ingest-batch'
        ? { blockNumber: block, locks: 1, mismatched: 0, mismatches: [], finding: null }
        : null,
    missing: null,
  };
}

const nothing = {
  coveredFrom: null,
  coveredTo: null,
  coveredToHash: null,
  coveredToTimestamp: null,
  settledTo: null,
  offsets: {},
};

function coverageOf(coveredTo: number, offsets: object): object {
  const { hash, timestamp } = blockOf(coveredTo);
  return { coveredFrom: 1, coveredTo, coveredToHash: hash, coveredToTimestamp: timestamp, settledTo: 1, offsets };
}

function blockOf(number: number): { readonly number: number; readonly hash: string; readonly timestamp: string } {
  const timestamp = new Date(1_700_000_000_000 + number * 12_000).toISOString().replace('.000Z', 'Z');
  return { number, hash: hashOf(0xb10c0000 + number), timestamp };
}

function backfillOf({ command, state }: Extract<StatusDraft, { kind: 'backfill' }>, block: number): object {
  const range = { fromBlock: 1, toBlock: 1_000, nextBlock: Math.min(1_001, block) };
  const counts = { published: block, retracted: 0, offsets: {}, reason: state === 'failed' ? 'no reason' : null };
  return { schemaVersion: 1, kind: 'backfill', commandId: commandIdOf(command), state, ...range, ...counts };
}

function commandIdOf(command: number): string {
  return `00000000-0000-4000-8000-${String(command).padStart(12, '0')}`;
}

function encoded(value: object): Buffer {
  return Buffer.from(JSON.stringify(value));
}

import fc from 'fast-check';
import { draftKinds, sources, type Draft } from './drafts.js';
import type { EntryDraft } from './entry-drafts.js';
import type { Component, StatusDraft } from './status-drafts.js';

type Trouble = 'kill' | 'restart' | 'pause';

export type Action =
  /** Into the revocation topic at once, in this order. */
  | { readonly kind: 'write'; readonly drafts: readonly Draft[] }
  /** So many new revocations, and among them one that is written again and again. */
  | { readonly kind: 'burst'; readonly revocations: number; readonly repeats: number }
  | { readonly kind: 'statuses'; readonly drafts: readonly StatusDraft[] }
  | { readonly kind: 'entries'; readonly drafts: readonly EntryDraft[] }
  /** SIGKILL or SIGTERM and a start after so long, or SIGSTOP and SIGCONT. */
  | { readonly kind: 'projector'; readonly trouble: Trouble; readonly which: number; readonly awayMs: number }
  /** So many projectors run from now on. */
  | { readonly kind: 'scale'; readonly projectors: number }
  | { readonly kind: 'broker'; readonly trouble: Trouble; readonly which: number; readonly awayMs: number }
  /** SIGKILL of the server, and a start after so long. */
  | { readonly kind: 'postgres'; readonly downMs: number }
  /** The connections of the next so many commits end before (after) the server has heard of them. */
  | { readonly kind: 'cut commits'; readonly when: 'before' | 'after'; readonly commits: number }
  | { readonly kind: 'reset connections' | 'terminate backends' }
  | { readonly kind: 'lock table'; readonly table: (typeof lockable)[number]; readonly heldMs: number }
  /** A rebuild by hand, killed after so long; null where it may come to its end. */
  | { readonly kind: 'rebuild'; readonly killedAfterMs: number | null }
  | { readonly kind: 'request rebuild' | 'switch back' };

export interface Step {
  readonly action: Action;
  readonly thenMs: number;
}

export interface Schedule {
  readonly seed: number;
  readonly brokers: 1 | 3;
  /** Whether the log cleaner is at work all the time. */
  readonly compacting: boolean;
  readonly projectors: number;
  readonly steps: readonly Step[];
}

const lockable = ['applied_offsets', 'active_generation', 'retractions', 'dead_letters', 'slot_counts'] as const;

/** How many revocations the records are about: few, so that they meet. */
const revocations = 40;

const anyDraft: fc.Arbitrary<Draft> = fc.record({
  kind: fc.oneof(
    { weight: 10, arbitrary: fc.constant('revoked' as const) },
    { weight: 5, arbitrary: fc.constantFrom('retracted' as const, 'tombstone' as const) },
    { weight: 5, arbitrary: fc.constantFrom(...draftKinds) },
  ),
  revocation: fc.nat(revocations - 1),
  log: fc.nat(3),
  source: fc.constantFrom(...sources),
});

const anyStatus: fc.Arbitrary<StatusDraft> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({
      kind: fc.constant('component'),
      component: fc.constantFrom<Component>('ingest-realtime', 'ingest-batch'),
      syncing: fc.boolean(),
      behind: fc.option(fc.nat(40)),
      beyond: fc.oneof(fc.constant(0), fc.nat(30)),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      kind: fc.constant('backfill'),
      command: fc.nat(3),
      state: fc.constantFrom('running', 'succeeded', 'failed'),
    }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('garbage'), key: fc.constantFrom(null, 'nobody') }) },
);

const anyEntry: fc.Arbitrary<EntryDraft> = fc.record({
  kind: fc.oneof(
    { weight: 6, arbitrary: fc.constant('entry' as const) },
    { weight: 1, arbitrary: fc.constantFrom('another under the same id', 'garbage', 'tombstone') },
  ),
  entry: fc.nat(30),
});

function many<T>(arbitrary: fc.Arbitrary<T>, maxLength: number): fc.Arbitrary<T[]> {
  return fc.array(arbitrary, { minLength: 1, maxLength, size: 'max' });
}

const anyLoad: fc.Arbitrary<Action> = fc.oneof(
  { weight: 6, arbitrary: fc.record({ kind: fc.constant('write'), drafts: many(anyDraft, 60) }) },
  {
    weight: 2,
    arbitrary: fc.record({
      kind: fc.constant('burst'),
      revocations: fc.integer({ min: 100, max: 3_000 }),
      repeats: fc.nat(200),
    }),
  },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('statuses'), drafts: many(anyStatus, 12) }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('entries'), drafts: many(anyEntry, 12) }) },
);

/** Mostly short; now and then for longer than a session of the group lasts. */
const anyAbsence = fc.oneof({ weight: 3, arbitrary: fc.nat(2_000) }, { weight: 1, arbitrary: fc.constant(12_000) });
const anyTrouble = fc.constantFrom<Trouble>('kill', 'kill', 'restart', 'pause');

const anyFault: fc.Arbitrary<Action> = fc.oneof(
  {
    weight: 5,
    arbitrary: fc.record({
      kind: fc.constant('projector'),
      trouble: anyTrouble,
      which: fc.nat(2),
      awayMs: anyAbsence,
    }),
  },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('scale'), projectors: fc.integer({ min: 1, max: 3 }) }) },
  {
    weight: 2,
    arbitrary: fc.record({ kind: fc.constant('broker'), trouble: anyTrouble, which: fc.nat(2), awayMs: anyAbsence }),
  },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('postgres'), downMs: fc.nat(2_000) }) },
  {
    weight: 4,
    arbitrary: fc.record({
      kind: fc.constant('cut commits'),
      when: fc.constantFrom('before', 'after'),
      commits: fc.integer({ min: 1, max: 4 }),
    }),
  },
  { weight: 2, arbitrary: fc.record({ kind: fc.constantFrom('reset connections', 'terminate backends') }) },
  {
    weight: 1,
    arbitrary: fc.record({
      kind: fc.constant('lock table'),
      table: fc.constantFrom(...lockable),
      heldMs: fc.nat(4_000),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({ kind: fc.constant('rebuild'), killedAfterMs: fc.option(fc.nat(3_000), { freq: 2 }) }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constantFrom('request rebuild', 'switch back') }) },
);

const anyStep: fc.Arbitrary<Step> = fc.record({
  action: fc.oneof({ weight: 3, arbitrary: anyLoad }, { weight: 2, arbitrary: anyFault }),
  thenMs: fc.oneof(fc.constant(0), fc.nat(200), fc.nat(1_000)),
});

const anySchedule = fc.record({
  brokers: fc.constantFrom(1, 1, 3),
  compacting: fc.boolean(),
  projectors: fc.integer({ min: 1, max: 3 }),
  steps: fc.array(anyStep, { minLength: 10, maxLength: 24, size: 'max' }),
});

/** The same for the same seed. */
export function scheduleOf(seed: number): Schedule {
  const [drawn] = fc.sample(anySchedule, { seed, numRuns: 1, unbiased: true });
  if (drawn === undefined) throw new Error('nothing was drawn');
  return { seed, ...drawn };
}

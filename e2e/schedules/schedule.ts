import fc from 'fast-check';
import { faultNames, type FaultName } from './faults.js';

/** One transaction: so many signatures of one lock, by the lock's place among those of the schedule. */
export interface Revoking {
  readonly lock: number;
  readonly signatures: number;
}

/** What becomes of a transaction whose block is orphaned: mined again so many blocks above (below), or not at all. */
export type Fate = 'dropped' | number;

export interface Reorg {
  readonly kind: 'reorg';
  /** `at-once`: the node has the other branch from one moment to the next. `rewound`: it lacks the blocks for a while. */
  readonly how: 'at-once' | 'rewound';
  readonly depth: number;
  /** Of the orphaned transactions in turn. */
  readonly fates: readonly Fate[];
  /** Transactions that the old branch did not have: in its first block, before those that were moved there. */
  readonly fresh: readonly Revoking[];
  /** So many blocks more than the old branch; fewer where it is negative, which only `rewound` can be. */
  readonly longer: number;
}

export type IngesterName = 'ingest-realtime' | 'ingest-batch';

/** Meant is whoever is active (stands by) when it happens. */
export interface Victim {
  readonly ingester: IngesterName;
  readonly role: 'active' | 'standby' | 'both';
}

export type Action =
  | { readonly kind: 'mine'; readonly blocks: number }
  /** Into one block. */
  | { readonly kind: 'revoke'; readonly transactions: readonly Revoking[] }
  | Reorg
  /** SIGTERM or SIGKILL, and a start after so long. */
  | ({ readonly kind: 'restart' | 'kill'; readonly downMs: number } & Victim)
  /** SIGSTOP, and SIGCONT after so long. */
  | ({ readonly kind: 'pause'; readonly pausedMs: number } & Victim)
  /** Bounds in thousandths of the chain; missing ones are left out of the command. */
  | { readonly kind: 'force-sync'; readonly from: number | null; readonly to: number | null }
  /** Of one endpoint, in place of its faults so far, until it is healed: by the next one, or after the last step. */
  | { readonly kind: 'fault'; readonly endpoint: 0 | 1; readonly fault: FaultName; readonly seed: number }
  | { readonly kind: 'heal'; readonly endpoint: 0 | 1 };

export interface Step {
  readonly action: Action;
  /** Until the next action. The services see what lies between two actions only if they are given the time. */
  readonly thenMs: number;
}

export interface Schedule {
  readonly seed: number;
  /** How many the ingesters know; all of one chain. */
  readonly endpoints: 1 | 2;
  readonly steps: readonly Step[];
}

/** How many locks the transactions of a schedule are about. */
export const locksPerSchedule = 5;

const anyRevoking = fc.record({
  lock: fc.nat(locksPerSchedule - 1),
  signatures: fc.oneof(
    { weight: 6, arbitrary: fc.integer({ min: 1, max: 5 }) },
    { weight: 1, arbitrary: fc.integer({ min: 6, max: 200 }) },
  ),
});

function anyRevokings(minLength: number, maxLength: number): fc.Arbitrary<Revoking[]> {
  return fc.array(anyRevoking, { minLength, maxLength, size: 'max' });
}

const anyFate: fc.Arbitrary<Fate> = fc.oneof(
  { weight: 2, arbitrary: fc.constant('dropped' as const) },
  { weight: 2, arbitrary: fc.constant(0) },
  { weight: 2, arbitrary: fc.integer({ min: -4, max: 4 }) },
);

const anyReorg: fc.Arbitrary<Reorg> = fc.record({
  kind: fc.constant('reorg'),
  how: fc.constantFrom('at-once', 'rewound'),
  depth: fc.oneof(fc.integer({ min: 1, max: 3 }), fc.integer({ min: 1, max: 30 })),
  fates: fc.array(anyFate, { minLength: 3, maxLength: 8, size: 'max' }),
  fresh: anyRevokings(0, 2),
  longer: fc.integer({ min: -2, max: 4 }),
});

const anyVictim = {
  ingester: fc.constantFrom<IngesterName>('ingest-realtime', 'ingest-batch'),
  role: fc.constantFrom('active', 'active', 'active', 'standby', 'both'),
} as const;

const thousandths = fc.option(fc.nat(1000));

const anyEndpoint = fc.constantFrom(0, 1);

const anyFault: fc.Arbitrary<Action> = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({
      kind: fc.constant('fault'),
      endpoint: anyEndpoint,
      fault: fc.constantFrom(...faultNames),
      seed: fc.nat(1_000_000),
    }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('heal'), endpoint: anyEndpoint }) },
);

const anyAction: fc.Arbitrary<Action> = fc.oneof(
  {
    weight: 5,
    arbitrary: fc.record({
      kind: fc.constant('mine'),
      blocks: fc.oneof(
        { weight: 8, arbitrary: fc.integer({ min: 1, max: 5 }) },
        { weight: 3, arbitrary: fc.integer({ min: 10, max: 80 }) },
        // Further behind than this, ingest-realtime leaves a hole.
        { weight: 1, arbitrary: fc.integer({ min: 257, max: 320 }) },
      ),
    }),
  },
  { weight: 9, arbitrary: fc.record({ kind: fc.constant('revoke'), transactions: anyRevokings(1, 4) }) },
  { weight: 6, arbitrary: anyReorg },
  {
    weight: 2,
    arbitrary: fc.record({ kind: fc.constantFrom('restart', 'kill'), downMs: fc.nat(1_500), ...anyVictim }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      kind: fc.constant('pause'),
      // From 10 s on the group gives the lease to the other replica.
      pausedMs: fc.oneof({ weight: 3, arbitrary: fc.nat(3_000) }, { weight: 1, arbitrary: fc.constant(12_000) }),
      ...anyVictim,
    }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('force-sync'), from: thousandths, to: thousandths }) },
  { weight: 4, arbitrary: anyFault },
);

const anyStep: fc.Arbitrary<Step> = fc.record({
  action: anyAction,
  thenMs: fc.oneof(fc.constant(0), fc.nat(300), fc.nat(1_200)),
});

const anySchedule = fc.record({
  endpoints: fc.constantFrom(1, 2),
  steps: fc.array(anyStep, { minLength: 10, maxLength: 22, size: 'max' }),
});

/** The same for the same seed. */
export function scheduleOf(seed: number): Schedule {
  const [drawn] = fc.sample(anySchedule, { seed, numRuns: 1, unbiased: true });
  if (drawn === undefined) throw new Error('nothing was drawn');
  return { seed, ...drawn };
}

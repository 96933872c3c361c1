import { describe, expect, it } from '@jest/globals';
import type { RevocationLog } from '@hybrid-sync/domain';
import fc from 'fast-check';
import { revocation, SimulatedChain } from '../../../libs/ingest/src/testing/simulated-chain.js';
import { linesOf, liveOn, saidBy, topics } from '../../../libs/ingest/src/testing/simulated-ingester.js';
import { afterHistory, type Following } from './testing/following.js';

/** What becomes of a revocation whose block is orphaned: `moved` by so many blocks, or gone where there is no such block. */
type Fate = 'dropped' | number;

type Action =
  | { readonly kind: 'mine'; readonly revocations: number; readonly empty: number }
  | { readonly kind: 'reorg'; readonly depth: number; readonly blocks: number; readonly fates: readonly Fate[] }
  | { readonly kind: 'step' | 'restart' | 'take-over' | 'failure' }
  | { readonly kind: 'stale'; readonly record: number }
  | { readonly kind: 'reorg-while-reading'; readonly request: number; readonly depth: number };

const anyAction: fc.Arbitrary<Action> = fc.oneof(
  { weight: 4, arbitrary: fc.record({ kind: fc.constant('mine'), revocations: fc.nat(4), empty: fc.nat(9) }) },
  {
    weight: 5,
    arbitrary: fc.record({ kind: fc.constantFrom('step', 'step', 'step', 'restart', 'take-over', 'failure') }),
  },
  {
    weight: 3,
    arbitrary: fc.record({
      kind: fc.constant('reorg'),
      depth: fc.integer({ min: 1, max: 30 }),
      blocks: fc.nat(35),
      fates: fc.array(fc.oneof(fc.constant('dropped' as const), fc.integer({ min: -3, max: 3 })), { minLength: 5 }),
    }),
  },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant('stale'), record: fc.nat() }) },
  {
    weight: 2,
    arbitrary: fc.record({
      kind: fc.constant('reorg-while-reading'),
      request: fc.nat(20),
      depth: fc.integer({ min: 1, max: 5 }),
    }),
  },
);

/** No reorg reaches below a block that the chain once called final. */
class Schedule {
  #following: Following;
  #next = 0;
  #final = 0;

  private constructor(following: Following) {
    this.#following = following;
  }

  static async start(): Promise<Schedule> {
    return new Schedule(await afterHistory(new SimulatedChain(40)));
  }

  get following(): Following {
    return this.#following;
  }

  async run(action: Action): Promise<void> {
    const { follower, ingester } = this.#following;
    switch (action.kind) {
      case 'mine':
        this.#mine(action.revocations, action.empty);
        return;
      case 'reorg':
        this.#reorg(action.depth, action.blocks, action.fates);
        return;
      case 'stale':
        await this.#repeat(action.record);
        return;
      case 'restart':
        this.#following = await this.#following.restarted();
        return;
      case 'take-over':
        ingester.lease.lose();
        ingester.lease.take();
        return;
      case 'failure':
        await this.#failingStep();
        return;
      case 'reorg-while-reading':
        await this.#stepDuringReorg(action.request, action.depth);
        return;
      case 'step':
        await follower.step();
    }
  }

  /** The chain comes to rest on a branch that is longer than any before, and the follower has its step. */
  async settle(): Promise<void> {
    const { chain, log, follower } = this.#following;
    chain.mineBlocks(40);
    log.deliver();
    await follower.step();
  }

  #mine(revocations: number, empty: number): void {
    const { chain } = this.#following;
    chain.mine(Array.from({ length: revocations }, () => revocation((this.#next += 1))));
    chain.mineBlocks(empty);
    this.#final = Math.max(this.#final, chain.finalized.number);
  }

  #reorg(wanted: number, blocks: number, fates: readonly Fate[]): void {
    const { chain } = this.#following;
    const depth = Math.min(wanted, chain.head.number - this.#final);
    const first = chain.head.number - depth + 1;
    const orphaned = chain.cut(depth);
    for (let number = first; number < first + blocks; number += 1) {
      chain.mine(orphaned.filter((log, index) => isAt(number, log, fates[index % fates.length])));
    }
    this.#final = Math.max(this.#final, chain.finalized.number);
  }

  /** A paused twin writes what it had read before it was paused, however long ago that was and whatever it says. */
  async #repeat(record: number): Promise<void> {
    const { log } = this.#following;
    const written = log.records(topics.revocations);
    const stale = written[record % Math.max(written.length, 1)];
    if (stale === undefined) return;
    await log.publish(topics.revocations, [{ key: String(stale.key), value: String(stale.value) }]);
    // It may be read before the status that settles its block.
    if (record % 2 === 0) log.deliver(topics.revocations);
    log.deliver();
  }

  async #failingStep(): Promise<void> {
    const { log, follower } = this.#following;
    log.before = () => {
      throw new Error('the broker is away');
    };
    await follower.step().catch(() => undefined);
    log.before = () => undefined;
  }

  async #stepDuringReorg(request: number, depth: number): Promise<void> {
    const { chain, follower } = this.#following;
    let asked = 0;
    chain.before = () => {
      asked += 1;
      if (asked === request) this.#reorg(depth, depth + 1, ['dropped', 0, 1]);
    };
    await follower.step();
    chain.before = () => undefined;
  }
}

function isAt(block: number, log: RevocationLog, fate: Fate = 'dropped'): boolean {
  return fate !== 'dropped' && log.blockNumber + fate === block;
}

describe('after any schedule of mining, reorgs, failures, restarts and stale records', () => {
  it('the topic says what the chain says', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(anyAction, { minLength: 5, maxLength: 40, size: 'max' }), async (actions) => {
        const schedule = await Schedule.start();
        await schedule.following.follower.step();
        for (const action of actions) await schedule.run(action);
        await schedule.settle();
        const { chain, log, follower } = schedule.following;
        expect(follower.violation).toBeNull();
        const coverage = saidBy(log, 'ingest-realtime').at(-1)?.coverage;
        expect(coverage).toMatchObject({ coveredTo: chain.head.number, coveredToHash: chain.head.hash });
        // After a jump the blocks below are left to ingest-batch.
        const from = coverage?.coveredFrom ?? 0;
        expect(liveOn(log, from)).toEqual(linesOf(chain.logsFrom(from)));
      }),
      { numRuns: 300 },
    );
  }, 60_000);
});

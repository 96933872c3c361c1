import { describe, expect, it } from '@jest/globals';
import { encodeRetracted, encodeRevoked, revocationKey, type ComponentStatus, type Window } from '@hybrid-sync/domain';
import fc from 'fast-check';
import { hashOf, identity, plainClaims, revocationLog } from '../../domain/src/testing/arbitraries.js';
import { MemoryTopics } from './testing/memory-topics.js';
import { revocation } from './testing/simulated-chain.js';
import { GivenLease, topics } from './testing/simulated-ingester.js';
import { StatusReporter } from './status-reporter.js';
import { TopicView } from './topic-view.js';
import { TopicWriter } from './topic-writer.js';

type Action =
  | { readonly kind: 'revoked'; readonly key: number; readonly block: number; readonly isFinal: boolean }
  | { readonly kind: 'retracted' | 'malformed'; readonly key: number; readonly block: number }
  | { readonly kind: 'status'; readonly settledBy: number }
  | { readonly kind: 'deliver' | 'check' | 'restart' | 'compact' };

const key = fc.nat(11);
const block = fc.integer({ min: 0, max: 60 });
const anyAction: fc.Arbitrary<Action> = fc.oneof(
  { weight: 5, arbitrary: fc.record({ kind: fc.constant('revoked'), key, block, isFinal: fc.boolean() }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constantFrom('retracted', 'malformed'), key, block }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('status'), settledBy: fc.integer({ min: -5, max: 12 }) }) },
  { weight: 4, arbitrary: fc.record({ kind: fc.constantFrom('deliver', 'check', 'restart', 'compact') }) },
);

const deployment = { ...identity, startBlock: 0, startBlockHash: hashOf(1) };
const at = { number: 0, hash: hashOf(1), timestamp: 0 };

/** One ingester over many lives, which says again and again how far it has settled. */
class Life {
  readonly log = new MemoryTopics(3);
  #view: TopicView;
  #reporter: StatusReporter;
  #settledTo = 0;
  readonly #lease = new GivenLease();

  private constructor(log: MemoryTopics, view: TopicView) {
    this.log = log;
    this.#view = view;
    this.#reporter = this.#reporterOf(view);
  }

  static async start(): Promise<Life> {
    const log = new MemoryTopics(3);
    return new Life(log, await openOn(log));
  }

  async run(action: Action): Promise<void> {
    switch (action.kind) {
      case 'revoked':
      case 'retracted':
      case 'malformed':
        await this.#write(action);
        return;
      case 'status':
        await this.#say(action.settledBy);
        return;
      case 'restart':
        this.#view = await openOn(this.log);
        this.#reporter = this.#reporterOf(this.#view);
        return;
      case 'compact':
        this.log.compact(topics.revocations);
        return;
      case 'check':
        this.#view.checked(this.#view.position, this.#view.suspects);
        return;
      case 'deliver':
        this.log.deliver();
    }
  }

  async #write(action: Extract<Action, { readonly key: number }>): Promise<void> {
    const { kind, block: number } = action;
    const about = { ...revocation(action.key), blockNumber: number, blockHash: hashOf(number) };
    const values = {
      revoked: () => encodeRevoked(revocationLog(about), identity),
      retracted: () => encodeRetracted({ ...revocationLog(about), reason: 'reorg' }, identity),
      malformed: () => '{}',
    };
    const headers = kind === 'revoked' && action.isFinal ? { finality: 'finalized' } : {};
    await this.log.publish(topics.revocations, [{ key: revocationKey(about), value: values[kind](), headers }]);
  }

  async #say(settledBy: number): Promise<void> {
    this.#settledTo = Math.max(0, this.#settledTo + settledBy);
    const covered = { coveredFrom: 0, coveredTo: 60, coveredToHash: hashOf(1), coveredToTimestamp: 0 };
    const offsets = this.#view.covered(new Map());
    const status: ComponentStatus = {
      component: 'ingest-realtime',
      deployment,
      head: at,
      finalized: at,
      syncing: false,
      coverage: { ...covered, settledTo: this.#settledTo, offsets },
      finalityViolation: null,
      ...plainClaims,
    };
    await this.#reporter.say(status);
  }

  #reporterOf(view: TopicView): StatusReporter {
    const metrics = { observe: () => undefined, published: () => undefined };
    const made = { publisher: this.log, topics, identity, lease: this.#lease, metrics, view };
    const writer = new TopicWriter({ ...made, outdated: () => undefined });
    return new StatusReporter({ writer, lease: this.#lease, view, guard: { unreadyReasons: [] } });
  }
}

async function openOn(log: MemoryTopics, openReader = log.openReader): Promise<TopicView> {
  return TopicView.open({ topics, openReader, deployment, component: 'ingest-realtime', finalizedBlock: 0 });
}

/** As a replica that knows nothing of offsets. */
async function fullyRead(log: MemoryTopics): Promise<Window> {
  return (await openOn(log, (topic, { apply }) => log.openReader(topic, { apply }))).window;
}

describe('a window that is recovered from offsets', () => {
  it('is the one that reading the whole topic gives, before and after compaction', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(anyAction, { minLength: 1, maxLength: 60, size: 'max' }), async (actions) => {
        const life = await Life.start();
        for (const action of actions) await life.run(action);
        const { log } = life;
        const [recovered, whole] = [(await openOn(log)).window, await fullyRead(log)];
        expect(new Map([...recovered].toSorted())).toEqual(new Map([...whole].toSorted()));
        log.compact(topics.revocations);
        const [compacted, wholeCompacted] = [(await openOn(log)).window, await fullyRead(log)];
        expect(new Map([...compacted].toSorted())).toEqual(new Map([...whole].toSorted()));
        expect(new Map([...wholeCompacted].toSorted())).toEqual(new Map([...whole].toSorted()));
      }),
      { numRuns: 400 },
    );
  }, 60_000);
});

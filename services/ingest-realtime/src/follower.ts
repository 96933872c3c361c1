import { RpcError, type ChainBlock } from '@hybrid-sync/chain';
import { offsetsReached, type FinalityViolation, type Hash32, type Reconciliation } from '@hybrid-sync/domain';
import {
  advanceTo,
  DoubtfulScanError,
  LeaseLostError,
  scannedBlocks,
  type FollowedBlock,
  type Ingester,
  type Tip,
} from '@hybrid-sync/ingest';
import type { Log } from '@hybrid-sync/runtime';
import {
  awaitsHistory,
  followedTo,
  maxBlocksBehind,
  statusOf,
  tipOf,
  violatedStatus,
  type FollowState,
} from './follow-state.js';
import { startingPoint } from './starting-point.js';

/**
 * - `idle`: there is nothing that this replica may do.
 * - `done`: the topic says what the chain says up to the head.
 * - `more`: the head is further on, and the next step may follow at once.
 * - `waiting`: an endpoint does not have what another one has spoken of yet.
 */
export type StepOutcome = 'idle' | 'done' | 'more' | 'waiting';

/** Where a step has to get to. */
interface Aim {
  readonly head: ChainBlock;
  /** The head, or a block below it where the head is further off than one step goes. */
  readonly target: ChainBlock;
}

interface Advanced {
  readonly blocks: readonly FollowedBlock[];
  readonly orphaned: readonly FollowedBlock[];
}

/** Follows the head one step at a time: read, reconcile, publish, wait for the acknowledgement, then say so. */
export class Follower {
  readonly #ingester: Ingester;
  readonly #log: Pick<Log, 'info' | 'warn' | 'error'>;
  /** Of the lease: the state belongs to it. */
  #term: number | null = null;
  #state: FollowState | null = null;
  /** What was covered before this process began to follow. */
  #coveredTo = 0;
  #reconciledRevision = -1;
  #violation: FinalityViolation | null = null;
  #firstLook: { readonly head: number; readonly at: number } | null = null;
  #seen: { readonly hash: Hash32; readonly at: number } | null = null;

  constructor(ingester: Ingester, log: Pick<Log, 'info' | 'warn' | 'error'>) {
    this.#ingester = ingester;
    this.#log = log;
  }

  get violation(): FinalityViolation | null {
    return this.#violation;
  }

  /** A standby does nothing; one that takes over starts from what the topics say. */
  async step(): Promise<StepOutcome> {
    const { term } = this.#ingester.lease;
    if (term !== this.#term) this.#begin(term);
    if (term === null || this.#violation !== null) return 'idle';
    try {
      return await this.#follow();
    } catch (error) {
      // The next step stands by, or begins anew where the lease has come back.
      if (error instanceof LeaseLostError) return 'idle';
      if (error instanceof RpcError && error.kind === 'unknown-block') return 'waiting';
      throw error;
    }
  }

  #begin(term: number | null): void {
    this.#term = term;
    this.#state = null;
    this.#violation = null;
    this.#reconciledRevision = -1;
  }

  async #follow(): Promise<StepOutcome> {
    const { chain, view, writer } = this.#ingester;
    const head = await chain.block('latest');
    if (this.#seen?.hash !== head.hash) this.#seen = { hash: head.hash, at: performance.now() };
    const state = await this.#standingPoint(head);
    if (state === null) return 'idle';
    await view.reached(writer.acknowledged);
    const aim = { head, target: await this.#target(state, head) };
    const advance = await advanceTo(aim.target, state.blocks, chain);
    if (advance.kind === 'finality_violation') return this.#contradicted(advance.violation);
    if (advance.kind === 'advance' && !(await this.#isOutdated(state, aim, advance))) {
      await this.#advance(state, aim, advance);
    } else await this.#heal(state, head);
    return aim.target.number < head.number ? 'more' : 'done';
  }

  /** A step goes so far and no further, that its memory is bounded and that it is not lost when the next one fails. */
  async #target(state: FollowState, head: ChainBlock): Promise<ChainBlock> {
    const furthest = Math.max(tipOf(state).number + maxBlocksBehind, this.#coveredTo);
    return head.number <= furthest ? head : this.#ingester.chain.block(furthest);
  }

  /**
   * A shorter branch is what an endpoint that lags may still show of a reorg that is over. It is believed where no
   * endpoint has our tip any more.
   */
  async #isOutdated(state: FollowState, { target }: Aim, { orphaned }: Advanced): Promise<boolean> {
    const tip = tipOf(state);
    if (orphaned.length === 0 || target.number >= tip.number) return false;
    try {
      return (await this.#ingester.chain.block(tip.number)).hash === tip.hash;
    } catch (error) {
      if (error instanceof RpcError && error.kind === 'unknown-block') return false;
      throw error;
    }
  }

  async #advance(state: FollowState, { head, target }: Aim, { blocks, orphaned }: Advanced): Promise<void> {
    const finalized = await this.#ingester.chain.block('finalized');
    const next = followedTo(state, blocks, finalized);
    const toBlock = Math.max(tipOf(state).number, target.number);
    // The contract is asked as of the head: of the state at a block further down few endpoints know anything.
    await this.#write(blocks, { tip: head, toBlock, settledTo: next.blocks[0].number });
    if (orphaned.length > 0) this.#report(head, orphaned.length);
    this.#state = next;
    await this.#say(next, head, finalized);
  }

  /**
   * Corrects what somebody else wrote since the last step: a paused twin that woke up, or the other ingester. Says so,
   * because a claim that does not know of a retraction counts for nothing.
   */
  async #heal(state: FollowState, head: ChainBlock): Promise<void> {
    const { view, chain, reporter, writer } = this.#ingester;
    const tip = tipOf(state);
    if (view.revision !== this.#reconciledRevision) {
      await this.#write(state.blocks, { tip, toBlock: tip.number, settledTo: state.blocks[0].number });
    }
    this.#state = state;
    const said = reporter.last?.coverage?.offsets ?? null;
    if (said !== null && offsetsReached(said, view.covered(writer.acknowledged))) return;
    await this.#say(state, head, await chain.block('finalized'));
  }

  async #say(state: FollowState, head: ChainBlock, finalized: ChainBlock): Promise<void> {
    const { view, writer, reporter, component, deployment } = this.#ingester;
    const offsets = view.covered(writer.acknowledged);
    const history = view.component('ingest-batch');
    await reporter.say(statusOf(state, { component, deployment, head, finalized, offsets, history }));
  }

  async #write(
    blocks: readonly FollowedBlock[],
    { tip, toBlock, settledTo }: { readonly tip: Tip; readonly toBlock: number; readonly settledTo: number },
  ): Promise<void> {
    const { view, reconciler } = this.#ingester;
    const { revision } = view;
    const found = await reconciler.reconciled(scannedBlocks(blocks, toBlock), tip);
    if (found.kind === 'doubtful') {
      // What was read before may be what is wrong: everything above the settled blocks is read again.
      this.#state = null;
      throw new DoubtfulScanError(found.revocations.length);
    }
    await this.#publish(found, settledTo);
    this.#reconciledRevision = revision;
  }

  /** Whether a log was final when it was published tells later readers whom to doubt. */
  async #publish({ publish, retract }: Reconciliation, settledTo: number): Promise<void> {
    const { writer, metrics } = this.#ingester;
    const source = 'realtime';
    const settled = publish.filter(({ blockNumber }) => blockNumber <= settledTo);
    const recent = publish.filter(({ blockNumber }) => blockNumber > settledTo);
    await writer.reconciled({ publish: settled, retract: [] }, { source, finality: 'finalized' });
    await writer.reconciled({ publish: recent, retract }, { source, finality: 'included' });
    if (publish.length + retract.length > 0 && this.#seen !== null) {
      metrics.acknowledgedAfter(performance.now() - this.#seen.at);
    }
  }

  /** Null while there is none: the first pass is awaited, or the chain contradicts what this ingester said before. */
  async #standingPoint(head: ChainBlock): Promise<FollowState | null> {
    if (this.#state !== null && !(await this.#isLeftBehind(this.#state, head))) return this.#state;
    const jumps = this.#state !== null;
    const { view, metrics } = this.#ingester;
    await view.caughtUp();
    const said = view.component('ingest-realtime');
    if (said === null && !jumps && this.#awaitsHistory(head)) return null;
    const start = await startingPoint(this.#ingester, said, { head, jumps });
    if (start.kind === 'violation') {
      await this.#halt(start.violation);
      return null;
    }
    if (jumps) metrics.jumped();
    this.#coveredTo = start.coveredTo;
    const { coveredFrom, blocks } = start.state;
    this.#log.info({ baseBlock: blocks[0].number, coveredFrom, head: head.number }, 'following the head');
    return start.state;
  }

  /** Whether a jump to the finalized block would bring the head nearer. */
  async #isLeftBehind(state: FollowState, head: ChainBlock): Promise<boolean> {
    const tip = tipOf(state);
    if (head.number - tip.number <= maxBlocksBehind) return false;
    return (await this.#ingester.chain.block('finalized')).number > tip.number;
  }

  #awaitsHistory(head: ChainBlock): boolean {
    this.#firstLook ??= { head: head.number, at: performance.now() };
    const { head: firstHead, at } = this.#firstLook;
    return awaitsHistory(this.#ingester.view.component('ingest-batch'), firstHead, performance.now() - at);
  }

  /** One answer must not stop everything: the block is asked for once more, by its number. */
  async #contradicted(violation: FinalityViolation): Promise<StepOutcome> {
    const now = await this.#ingester.chain.block(violation.blockNumber);
    if (now.hash === violation.expectedHash) {
      this.#log.warn({ violation }, 'endpoints disagree on a final block');
      return 'waiting';
    }
    await this.#halt({ ...violation, actualHash: now.hash });
    return 'idle';
  }

  async #halt(violation: FinalityViolation): Promise<void> {
    const { reporter, view } = this.#ingester;
    this.#violation = violation;
    this.#log.error({ violation }, 'finality_violation');
    const last = reporter.last ?? view.component('ingest-realtime');
    if (last !== null) await reporter.say(violatedStatus(last, violation));
  }

  #report(head: ChainBlock, depth: number): void {
    this.#ingester.metrics.reorged(depth);
    this.#log.info({ depth, head: head.number }, 'reorg');
  }
}

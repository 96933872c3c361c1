import type { ChainBlock } from '@hybrid-sync/chain';
import { offsetsReached, reconcile, type ComponentStatus, type FinalityViolation } from '@hybrid-sync/domain';
import {
  advanceTo,
  baseBlock,
  LeaseLostError,
  scannedBlocks,
  type FollowedBlock,
  type Ingester,
} from '@hybrid-sync/ingest';
import type { Log } from '@hybrid-sync/runtime';
import {
  awaitsHistory,
  followedTo,
  maxBlocksBehind,
  resumePoint,
  statusOf,
  tipOf,
  violatedStatus,
  type FollowState,
} from './follow-state.js';

export type Reorged = (depth: number) => void;

/** Follows the head one step at a time: read, reconcile, publish, wait for the acknowledgement, then say so. */
export class Follower {
  readonly #ingester: Ingester;
  readonly #log: Pick<Log, 'info' | 'error'>;
  readonly #reorged: Reorged;
  /** Of the lease: the state belongs to it. */
  #term: number | null = null;
  #state: FollowState | null = null;
  #reconciledRevision = -1;
  #violation: FinalityViolation | null = null;
  #firstLook: { readonly head: number; readonly at: number } | null = null;

  constructor(ingester: Ingester, log: Pick<Log, 'info' | 'error'>, reorged: Reorged) {
    this.#ingester = ingester;
    this.#log = log;
    this.#reorged = reorged;
  }

  get violation(): FinalityViolation | null {
    return this.#violation;
  }

  /** A standby does nothing; one that takes over starts from what the topics say. */
  async step(): Promise<void> {
    const { term } = this.#ingester.lease;
    if (term !== this.#term) this.#begin(term);
    if (term === null || this.#violation !== null) return;
    try {
      await this.#follow();
    } catch (error) {
      // The next step stands by, or begins anew where the lease has come back.
      if (!(error instanceof LeaseLostError)) throw error;
    }
  }

  #begin(term: number | null): void {
    this.#term = term;
    this.#state = null;
    this.#violation = null;
    this.#reconciledRevision = -1;
  }

  async #follow(): Promise<void> {
    const { chain, view, writer } = this.#ingester;
    const head = await chain.block('latest');
    const state = await this.#standingPoint(head);
    if (state === null) return;
    await view.reached(writer.acknowledged);
    const advance = await advanceTo(head, state.blocks, chain);
    if (advance.kind === 'finality_violation') await this.#halt(advance.violation);
    else if (advance.kind === 'advance') await this.#advance(state, head, advance);
    else await this.#heal(state, head);
  }

  async #advance(
    state: FollowState,
    head: ChainBlock,
    { blocks, orphaned }: { readonly blocks: readonly FollowedBlock[]; readonly orphaned: readonly FollowedBlock[] },
  ): Promise<void> {
    const { chain } = this.#ingester;
    const finalized = await chain.block('finalized');
    await this.#write(blocks, Math.max(tipOf(state).number, head.number));
    if (orphaned.length > 0) this.#report(head, orphaned.length);
    this.#state = followedTo(state, blocks, finalized);
    await this.#say(this.#state, head, finalized);
  }

  /**
   * Corrects what somebody else wrote since the last step: a paused twin that woke up, or the other ingester. Says so,
   * because a claim that does not know of a retraction counts for nothing.
   */
  async #heal(state: FollowState, head: ChainBlock): Promise<void> {
    const { view, chain, reporter, writer } = this.#ingester;
    if (view.revision !== this.#reconciledRevision) await this.#write(state.blocks, tipOf(state).number);
    const said = reporter.last?.coverage?.offsets ?? null;
    if (said !== null && offsetsReached(said, view.covered(writer.acknowledged))) return;
    await this.#say(state, head, await chain.block('finalized'));
  }

  async #say(state: FollowState, head: ChainBlock, finalized: ChainBlock): Promise<void> {
    const { view, writer, reporter, component, deployment } = this.#ingester;
    const offsets = view.covered(writer.acknowledged);
    await reporter.say(statusOf(state, { component, deployment, head, finalized, offsets }));
  }

  async #write(blocks: readonly FollowedBlock[], toBlock: number): Promise<void> {
    const { view, writer } = this.#ingester;
    const { revision } = view;
    await writer.reconciled(reconcile(scannedBlocks(blocks, toBlock), view.window), {
      source: 'realtime',
      finality: 'included',
    });
    this.#reconciledRevision = revision;
  }

  /** Null while there is none: the first pass is awaited, or the chain contradicts what this ingester said before. */
  async #standingPoint(head: ChainBlock): Promise<FollowState | null> {
    if (this.#state !== null && head.number - tipOf(this.#state).number <= maxBlocksBehind) return this.#state;
    const jumps = this.#state !== null;
    await this.#ingester.view.caughtUp();
    const status = this.#ingester.view.component('ingest-realtime');
    if (status === null && !jumps && this.#awaitsHistory(head)) return null;
    const violation = await this.#violationSince(status);
    if (violation === null) this.#state = await this.#startingState(jumps ? null : status, head);
    else await this.#halt(violation);
    return this.#state;
  }

  #awaitsHistory(head: ChainBlock): boolean {
    this.#firstLook ??= { head: head.number, at: performance.now() };
    const { head: firstHead, at } = this.#firstLook;
    return awaitsHistory(this.#ingester.view.component('ingest-batch'), firstHead, performance.now() - at);
  }

  async #startingState(status: ComponentStatus | null, head: ChainBlock): Promise<FollowState> {
    const resumed = resumePoint(status, head);
    const base = baseBlock(await this.#ingester.chain.block(resumed?.baseBlock ?? 'finalized'));
    const coveredFrom = resumed?.coveredFrom ?? base.number + 1;
    this.#log.info({ baseBlock: base.number, coveredFrom, head: head.number }, 'following the head');
    return { blocks: [base], coveredFrom };
  }

  async #violationSince(status: ComponentStatus | null): Promise<FinalityViolation | null> {
    if (status === null) return null;
    if (status.finalityViolation !== null) return status.finalityViolation;
    const { number, hash } = status.finalized;
    const now = await this.#ingester.chain.block(number);
    return now.hash === hash ? null : { blockNumber: number, expectedHash: hash, actualHash: now.hash };
  }

  async #halt(violation: FinalityViolation): Promise<void> {
    const { reporter, view } = this.#ingester;
    this.#violation = violation;
    this.#log.error({ violation }, 'finality_violation');
    const last = reporter.last ?? view.component('ingest-realtime');
    if (last !== null) await reporter.say(violatedStatus(last, violation));
  }

  #report(head: ChainBlock, depth: number): void {
    this.#reorged(depth);
    this.#log.info({ depth, head: head.number }, 'reorg');
  }
}

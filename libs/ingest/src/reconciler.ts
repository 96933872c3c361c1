import type { ChainReader } from '@hybrid-sync/chain';
import {
  blockRange,
  contains,
  reconcile,
  revocationKey,
  type BlockRange,
  type BlockRef,
  type Reconciliation,
  type RevocationLog,
  type ScannedRange,
} from '@hybrid-sync/domain';
import { inParallel } from './in-parallel.js';
import type { IngestMetrics } from './ingest-metrics.js';
import type { TopicView } from './topic-view.js';
import { isRight, verdictOn, type Answer, type Confirmation, type Judged, type Question } from './verdict.js';

export interface ReconcilerOptions {
  readonly chain: Pick<ChainReader, 'isRevoked' | 'findRevocation'>;
  readonly view: Pick<TopicView, 'window' | 'suspects' | 'below' | 'position' | 'checked'>;
  readonly startBlock: number;
  readonly metrics: Pick<IngestMetrics, 'judged'>;
}

/** The block up to which the chain was read: the contract is asked as of this one. */
export type Tip = Pick<BlockRef, 'number' | 'hash'>;

/** Keys that the contract is asked about at once. */
const questionsAtOnce = 16;

/**
 * Finds what must be written so that the topic says what the chain says. Nothing is taken back because an answer lacks a
 * log: the contract is asked first, which knows of every revocation.
 */
export class Reconciler {
  readonly #options: ReconcilerOptions;

  constructor(options: ReconcilerOptions) {
    this.#options = options;
  }

  /** Of the scanned range, of the window below it, and of every suspect wherever it stands. To be called after the writer's records were read back. */
  async reconciled(scanned: ScannedRange, tip: Tip): Promise<Confirmation> {
    const { view } = this.#options;
    const { position, suspects } = view;
    const found = reconcile(scanned, view.window);
    const isOnChain = keysOf(scanned.logs);
    const questions = [...suspects, ...view.below(scanned.range.fromBlock)]
      .filter((suspect) => !isOnChain.has(revocationKey(suspect)))
      .map((suspect): Question => ({ ...suspect, reason: 'reorg', suspect }));
    const judged = await this.#judge([...questionsOf(found), ...questions], tip);
    const confirmation = verdictOn(found.publish, judged, scanned.blockHashes);
    if (confirmation.kind === 'confirmed') {
      const cleared = judged.filter(isRight).flatMap(({ question }) => question.suspect ?? []);
      view.checked(position, cleared);
    }
    return confirmation;
  }

  /** Of what was found by other means, such as a backfill. */
  async confirmed(found: Reconciliation, tip: Tip): Promise<Confirmation> {
    return verdictOn(found.publish, await this.#judge(questionsOf(found), tip), new Map());
  }

  async #judge(questions: readonly Question[], tip: Tip): Promise<readonly Judged[]> {
    const judged = await inParallel(questions, questionsAtOnce, async (question) => ({
      question,
      answer: await this.#ask(question, tip),
    }));
    this.#options.metrics.judged(judged);
    return judged;
  }

  async #ask(question: Question, tip: Tip): Promise<Answer> {
    const { chain, startBlock } = this.#options;
    if (!(await chain.isRevoked(question, tip))) return { kind: 'not-revoked' };
    const all = blockRange(startBlock, tip.number);
    const log = all === null ? null : await this.#find(question, all);
    return log === null ? { kind: 'log-missing' } : { kind: 'revoked', log };
  }

  /** Where the record says that it was, and then everywhere: a search of the whole chain may take many queries. */
  async #find(question: Question, all: BlockRange): Promise<RevocationLog | null> {
    const { chain } = this.#options;
    const { blockNumber: block } = question;
    const near = block !== null && contains(all, block) ? { fromBlock: block, toBlock: block } : null;
    const log = near === null ? null : await chain.findRevocation(question, near);
    return log ?? chain.findRevocation(question, all);
  }
}

function questionsOf({ retract }: Reconciliation): readonly Question[] {
  return retract.map(({ reason, ...live }) => ({ ...live, live, reason, suspect: null }));
}

function keysOf(logs: readonly RevocationLog[]): ReadonlySet<string> {
  return new Set(logs.map(revocationKey));
}

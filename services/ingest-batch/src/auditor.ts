import { RpcError, type ChainBlock } from '@hybrid-sync/chain';
import {
  auditHeight,
  auditScope,
  encodeAudit,
  isMismatch,
  mismatchText,
  type Audit,
  type AuditScope,
  type AuditState,
  type ComponentStatus,
} from '@hybrid-sync/domain';
import type { Ingester } from '@hybrid-sync/ingest';
import type { Log } from '@hybrid-sync/runtime';
import { AuditCommands } from './audit-commands.js';
import { auditLocks, type AuditResult } from './audit-locks.js';
import type { AuditMetrics } from './audit-metrics.js';
import { Repair } from './audit-repair.js';
import type { Commands } from './commands.js';

export interface AuditorContext {
  readonly commands: Pick<Commands, 'all'>;
  readonly reading: { readonly blocksPerQuery: number; readonly signal: AbortSignal };
  readonly log: Pick<Log, 'info' | 'warn' | 'error'>;
  readonly metrics: Pick<AuditMetrics, 'observe'>;
  /** Milliseconds between two audits after passes that nobody waits for. Default one minute. */
  readonly pauseMs?: number;
  /** Milliseconds before the first of several tries again; each waits twice as long. Default one second. */
  readonly retryMs?: number;
}

/** A lock whose every log is left out is touched by nobody: all are compared at a take-over, and once a day. */
const allIntervalMs = 86_400_000;
/** Failures in a row after which an audit or a repair is given up until the next pass. */
const maxFailures = 5;
/** Repaired at once, so that memory is bounded: a lock has at most 1,000 revocations. The next audit finds the others. */
const maxRepairedLocks = 200;
/** Failures that another try may not have. */
const passing: ReadonlySet<string> = new Set(['unreachable', 'too-slow', 'rate-limited', 'unknown-block']);

/**
 * Compares the topic with the contract's own counts, bit by bit between passes and commands. A mismatch is said at once;
 * then the chain is read again, and what is still wrong after that stays said until an audit finds it mended.
 */
export class Auditor {
  readonly #ingester: Ingester;
  readonly #context: AuditorContext;
  readonly #commands: AuditCommands;
  #state = newState(null);

  constructor(ingester: Ingester, context: AuditorContext) {
    this.#ingester = ingester;
    this.#context = context;
    this.#commands = new AuditCommands(ingester, context.commands);
  }

  /** What a pass or a backfill has touched is compared soon; after a backfill at once. */
  touched(by: 'pass' | 'backfill'): void {
    this.#state.isDue = true;
    if (by === 'backfill') this.#state.auditedAt = null;
  }

  /** Does the next bit of what is due. To be called while nothing else is. */
  async step(): Promise<void> {
    const { term } = this.#ingester.lease;
    if (term !== this.#state.term) this.#begin(term);
    if (await this.#commands.takeUp()) this.touched('backfill');
    if (performance.now() < this.#state.notBefore) return;
    if (this.#state.repair !== null) await this.#mend(this.#state.repair);
    else if (this.#isDue) await this.#audit();
  }

  #begin(term: number | null): void {
    this.#state = newState(term);
    this.#commands.forget();
  }

  get #said(): ComponentStatus | null {
    const { reporter, view } = this.#ingester;
    return reporter.last ?? view.component('ingest-batch');
  }

  get #last(): AuditState {
    return this.#said?.audit ?? null;
  }

  get #isDue(): boolean {
    const { isDue, auditedAt } = this.#state;
    const { pauseMs = 60_000 } = this.#context;
    const isAwaited = this.#last === 'pending' || this.#commands.areOpen;
    return isDue && (isAwaited || auditedAt === null || performance.now() - auditedAt >= pauseMs);
  }

  async #audit(): Promise<void> {
    const said = this.#said;
    if (said === null) return;
    try {
      const at = await this.#block();
      if (at === null) await this.#impossible('no block above the start block is final yet', null);
      else await this.#compare(at, this.#scope(said.head.number));
      this.#state.failures = 0;
    } catch (error) {
      await this.#failed(error);
    }
  }

  /** Null where nothing that is covered is final. */
  async #block(): Promise<ChainBlock | null> {
    const { chain, deployment, view } = this.#ingester;
    const finalized = await chain.block('finalized');
    const coverages = {
      own: this.#said?.coverage ?? null,
      realtime: view.component('ingest-realtime')?.coverage ?? null,
    };
    const heights = { startBlock: deployment.startBlock, finalizedBlock: finalized.number };
    const height = auditHeight(coverages, heights);
    if (height === null) return null;
    return height === finalized.number ? finalized : chain.block(height);
  }

  #scope(headBlock: number): AuditScope {
    const { locks, view } = this.#ingester;
    const realtimeHead = view.component('ingest-realtime')?.head.number ?? 0;
    const touched = locks.touched.due(Math.max(headBlock, realtimeHead));
    const { allAt } = this.#state;
    const isAllDue = allAt === null || performance.now() - allAt >= allIntervalMs;
    return this.#commands.areOpen || isAllDue ? 'all' : auditScope(touched, this.#last);
  }

  async #compare(at: ChainBlock, scope: AuditScope): Promise<void> {
    this.#state.isDue = false;
    if (scope !== 'all' && scope.size === 0) return;
    const result = await auditLocks(this.#ingester, { scope, at }, this.#state.emitsEvent);
    this.#state.auditedAt = performance.now();
    if (scope === 'all') this.#state.allAt = performance.now();
    if (result.hasRecords || scope === 'all') this.#state.emitsEvent = result.hasRecords;
    this.#ingester.locks.touched.compared(at.number);
    await this.#found(result, at);
  }

  async #found(result: AuditResult, at: ChainBlock): Promise<void> {
    const { audit } = result;
    const before = this.#last;
    await this.#say(audit);
    this.#context.metrics.observe(audit);
    if (this.#isWorthRepairing(result)) {
      this.#context.log.warn({ audit: encodeAudit(audit) }, 'audit mismatch, the chain is read again');
      this.#state.repaired.add(mismatchText(audit));
      this.#state.repair = this.#repairOf(result, at);
      return;
    }
    this.#report(audit, before);
    await this.#commands.succeeded(audit);
  }

  /** Once for the same mismatches, and never again where the whole chain holds no log of the contract. */
  #isWorthRepairing({ audit, isRepairable, hasRecords }: AuditResult): boolean {
    const { repaired, isSilent } = this.#state;
    return isRepairable && !repaired.has(mismatchText(audit)) && (hasRecords || !isSilent);
  }

  #repairOf({ mismatches }: AuditResult, at: ChainBlock): Repair {
    const locks = new Set(mismatches.slice(0, maxRepairedLocks).map(({ lockId }) => lockId));
    return new Repair(this.#ingester, { locks, at, ...this.#context.reading });
  }

  async #mend(repair: Repair): Promise<void> {
    try {
      if (!(await repair.step())) return;
      this.#state.emitsEvent = repair.logs > 0;
      this.#state.isSilent = repair.logs === 0;
    } catch (error) {
      if (!(error instanceof RpcError)) throw error;
      if (this.#triesAgain(error)) return;
      this.#context.log.warn({ error }, 'the chain could not be read again');
    }
    const { logs, written } = repair;
    this.#context.log.info({ logs, written }, 'chain read again for an audit');
    this.#state.repair = null;
    this.#state.failures = 0;
    this.touched('backfill');
  }

  /** One line where a finding appears, changes or is gone. */
  #report(audit: Audit, before: AuditState): void {
    const { log } = this.#context;
    const text = mismatchText(audit);
    if (!isMismatch(audit)) this.#state.repaired.clear();
    if (text !== '' && text !== this.#state.reported)
      log.error({ audit: encodeAudit(audit) }, 'audit mismatch: "not revoked" is unknown until it is mended');
    if (text === '' && isMismatch(before)) log.info({ audit: encodeAudit(audit) }, 'audit clean again');
    this.#state.reported = text;
  }

  async #failed(error: unknown): Promise<void> {
    this.#state.isDue = true;
    if (!(error instanceof RpcError)) throw error;
    if (this.#triesAgain(error)) return;
    this.#state.failures = 0;
    await this.#impossible('no endpoint gives what the contract counts', error);
  }

  /** Without holding up what else is to be done. */
  #triesAgain(error: RpcError): boolean {
    const { log, retryMs = 1_000 } = this.#context;
    const failures = (this.#state.failures += 1);
    if (!passing.has(error.kind) || failures >= maxFailures) return false;
    log.warn({ error, failures }, 'audit failed');
    this.#state.notBefore = performance.now() + retryMs * 2 ** (failures - 1);
    return true;
  }

  /** The last result stands. A first audit that cannot be made must not keep answers back for ever. */
  async #impossible(reason: string, error: RpcError | null): Promise<void> {
    this.#state.isDue = false;
    this.#state.auditedAt = performance.now();
    if (error !== null) this.#context.log.warn({ reason, error }, 'audit not possible');
    if (this.#last === 'pending') await this.#say(null);
    await this.#commands.failed(reason);
  }

  async #say(audit: Audit | null): Promise<void> {
    const said = this.#said;
    const { view, writer, reporter } = this.#ingester;
    if (said === null) return;
    // What was compared includes what a repair has written: it must be applied before the result counts.
    const coverage = said.coverage && { ...said.coverage, offsets: view.covered(writer.acknowledged) };
    await reporter.say({ ...said, coverage, audit });
  }
}

/** What a process knows of its audits in one term of its lease. */
function newState(term: number | null): {
  readonly term: number | null;
  isDue: boolean;
  /** On the monotonic clock. */
  auditedAt: number | null;
  /** The last time that all locks were compared. */
  allAt: number | null;
  failures: number;
  /** On the monotonic clock: nothing is tried again before. */
  notBefore: number;
  repair: Repair | null;
  /** The mismatches for which the chain was read again, since an audit was clean. */
  readonly repaired: Set<string>;
  /** The chain was read again, and held no revocation at all. */
  isSilent: boolean;
  reported: string;
  emitsEvent: boolean | null;
} {
  return {
    term,
    isDue: true,
    auditedAt: null,
    allAt: null,
    failures: 0,
    notBefore: 0,
    repair: null,
    repaired: new Set(),
    isSilent: false,
    reported: '',
    emitsEvent: null,
  };
}

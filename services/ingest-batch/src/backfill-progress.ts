import type { BackfillStatus, BlockRange, Reconciliation } from '@hybrid-sync/domain';
import type { Ingester } from '@hybrid-sync/ingest';

type Writing = Pick<Ingester, 'writer' | 'view' | 'reporter'>;

/** How far a backfill is, and the writing that moves it on. */
export class BackfillProgress {
  readonly #ingester: Writing;
  #status: BackfillStatus;

  constructor(ingester: Writing, status: BackfillStatus) {
    this.#ingester = ingester;
    this.#status = status;
  }

  get nextBlock(): number {
    return this.#status.nextBlock;
  }

  get toBlock(): number {
    return this.#status.toBlock;
  }

  async write(range: BlockRange, found: Reconciliation, finality: 'included' | 'finalized'): Promise<void> {
    await this.#ingester.writer.reconciled(found, { source: 'force-sync', finality });
    this.#advance(range, found);
    await this.say('running');
  }

  async say(state: BackfillStatus['state'], reason: string | null = null): Promise<BackfillStatus> {
    this.#status = { ...this.#status, state, reason };
    await this.#ingester.writer.backfillStatus(this.#status);
    this.#ingester.reporter.progressed();
    return this.#status;
  }

  #advance({ toBlock }: BlockRange, { publish, retract }: Reconciliation): void {
    this.#status = {
      ...this.#status,
      nextBlock: toBlock + 1,
      published: this.#status.published + publish.length,
      retracted: this.#status.retracted + retract.length,
      offsets: this.#ingester.view.covered(this.#ingester.writer.acknowledged),
    };
  }
}

/** Ends a command that is not to be taken up. What range it was about may not even be known. */
export function refuseCommand(
  ingester: Writing,
  { commandId, reason }: { readonly commandId: string; readonly reason: string },
): Promise<BackfillStatus> {
  return new BackfillProgress(ingester, untouched(commandId, { fromBlock: 0, toBlock: 0 })).say('failed', reason);
}

/** Of a command that nobody has taken up yet. */
export function untouched(commandId: string, { fromBlock, toBlock }: BlockRange): BackfillStatus {
  return {
    commandId,
    state: 'running',
    fromBlock,
    toBlock,
    nextBlock: fromBlock,
    published: 0,
    retracted: 0,
    offsets: new Map(),
    reason: null,
  };
}

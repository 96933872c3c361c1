import type { ChainBlock } from '@hybrid-sync/chain';
import {
  blockRange,
  contains,
  reconcile,
  type BackfillCommand,
  type BackfillStatus,
  type BlockRange,
  type Reconciliation,
} from '@hybrid-sync/domain';
import { advanceTo, baseBlock, scannedBlocks, type Ingester } from '@hybrid-sync/ingest';
import { finalPieces, type ReadOptions } from './final-pieces.js';
import { HeadMovedError } from './pass.js';

/**
 * Publishes every canonical log of the range again and retracts what the topic holds there and the chain does not. How
 * far it is stands on the topic after every acknowledged piece, so that another process goes on where this one ends.
 */
export async function runBackfill(
  ingester: Ingester,
  { command, status }: { readonly command: BackfillCommand; readonly status: BackfillStatus | null },
  options: ReadOptions,
): Promise<void> {
  const head = await ingester.chain.block('latest');
  const finalized = await ingester.chain.block('finalized');
  const started = status ?? startOf(command, ingester.deployment.startBlock, head.number);
  const progress = new Progress(ingester, started);
  if (started.fromBlock > started.toBlock) {
    await progress.say('failed', 'the range holds no block between the start block and the head');
    return;
  }
  await progress.say('running');
  await republishFinalized(ingester, progress, { ...options, finalized });
  await republishHead(ingester, progress, { head, finalized });
  await progress.say('succeeded');
}

function startOf({ commandId, fromBlock, toBlock }: BackfillCommand, startBlock: number, head: number): BackfillStatus {
  const first = Math.max(fromBlock ?? startBlock, startBlock);
  const counters = { published: 0, retracted: 0, offsets: new Map(), reason: null };
  return {
    commandId,
    state: 'running',
    fromBlock: first,
    toBlock: Math.min(toBlock ?? head, head),
    nextBlock: first,
    ...counters,
  };
}

async function republishFinalized(
  ingester: Ingester,
  progress: Progress,
  { finalized, ...options }: ReadOptions & { readonly finalized: ChainBlock },
): Promise<void> {
  const range = blockRange(progress.nextBlock, Math.min(progress.toBlock, finalized.number));
  if (range === null) return;
  const live = await ingester.liveRecords(range);
  for await (const { scanned } of finalPieces(ingester.chain, range, options)) {
    const { retract } = reconcile(scanned, live);
    await progress.write(scanned.range, { publish: scanned.logs, retract }, 'finalized');
  }
}

async function republishHead(
  { chain, view, writer }: Ingester,
  progress: Progress,
  { head, finalized }: { readonly head: ChainBlock; readonly finalized: ChainBlock },
): Promise<void> {
  const range = blockRange(Math.max(progress.nextBlock, finalized.number + 1), Math.min(progress.toBlock, head.number));
  if (range === null) return;
  const advance = await advanceTo(head, [baseBlock(finalized)], chain);
  if (advance.kind !== 'advance') throw new HeadMovedError('the head does not descend from the finalized block');
  await view.reached(writer.acknowledged);
  const scanned = scannedBlocks(advance.blocks, head.number);
  // All of the scanned logs decide what stands: one of them may have moved out of the range.
  const { retract } = reconcile({ ...scanned, range }, view.window);
  const publish = scanned.logs.filter((log) => contains(range, log.blockNumber));
  await progress.write(range, { publish, retract }, 'included');
}

/** How far a backfill is, and the writing that moves it on. */
class Progress {
  readonly #ingester: Ingester;
  #status: BackfillStatus;

  constructor(ingester: Ingester, status: BackfillStatus) {
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

  async say(state: BackfillStatus['state'], reason: string | null = null): Promise<void> {
    this.#status = { ...this.#status, state, reason };
    await this.#ingester.writer.backfillStatus(this.#status);
    this.#ingester.reporter.progressed();
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

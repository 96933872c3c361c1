import { PrunedHistoryError } from '@hybrid-sync/chain';
import { blockRange, contains, reconcile, type BackfillCommand, type BackfillStatus } from '@hybrid-sync/domain';
import { advanceTo, baseBlock, scannedBlocks, type Ingester } from '@hybrid-sync/ingest';
import { BackfillProgress, untouched } from './backfill-progress.js';
import { backfillRange, type ChainBounds } from './backfill-range.js';
import { untilConfirmed } from './confirmed-piece.js';
import { finalPieces, type ReadOptions } from './final-pieces.js';
import { HeadMovedError } from './head-moved.js';
import { HeightsReader, type Heights } from './heights.js';

/** A head that leaves its branch so often while it is republished is a failure. */
const headAttempts = 5;

/**
 * Publishes every canonical log of the range again and retracts what the topic holds there and the chain does not. How
 * far it is stands on the topic after every acknowledged piece, so that another process goes on where this one ends.
 */
export async function runBackfill(
  ingester: Ingester,
  { command, status }: { readonly command: BackfillCommand; readonly status: BackfillStatus | null },
  options: ReadOptions,
): Promise<BackfillStatus> {
  const heights = new HeightsReader(ingester.chain);
  const { head } = await heights.fresh();
  const started = status ?? begun(command, { startBlock: ingester.deployment.startBlock, head: head.number });
  const progress = new BackfillProgress(ingester, started);
  if (started.state === 'failed') return progress.say('failed', started.reason);
  await progress.say('running');
  try {
    await republish(ingester, progress, { ...options, heights });
  } catch (error) {
    // Whoever gave the command may give it again once there is an endpoint that has the blocks.
    if (!(error instanceof PrunedHistoryError)) throw error;
    return progress.say('failed', error.message);
  }
  return progress.say('succeeded');
}

/** Failed already where the command asks for nothing that can be done. */
function begun(command: BackfillCommand, bounds: ChainBounds): BackfillStatus {
  const asked = backfillRange(command, bounds);
  if (asked.kind === 'range') return untouched(command.commandId, asked.range);
  const { fromBlock = bounds.startBlock, toBlock = bounds.head } = command;
  return { ...untouched(command.commandId, { fromBlock, toBlock }), state: 'failed', reason: asked.reason };
}

type Republishing = ReadOptions & { readonly heights: HeightsReader };

/** By the heights of the moment: while one part is published, more of the range becomes final. */
async function republish(ingester: Ingester, progress: BackfillProgress, options: Republishing): Promise<void> {
  for (let attempt = 1; progress.nextBlock <= progress.toBlock;) {
    const heights = await options.heights.fresh();
    if (progress.nextBlock > heights.head.number) return;
    if (progress.nextBlock <= heights.finalized.number) {
      await republishFinalized(ingester, progress, { ...options, finalized: heights.finalized.number });
      continue;
    }
    try {
      await republishHead(ingester, progress, heights);
      return;
    } catch (error) {
      if (!(error instanceof HeadMovedError) || attempt === headAttempts) throw error;
      attempt += 1;
    }
  }
}

async function republishFinalized(
  ingester: Ingester,
  progress: BackfillProgress,
  { finalized, heights, ...options }: Republishing & { readonly finalized: number },
): Promise<void> {
  const { chain, reconciler } = ingester;
  const range = blockRange(progress.nextBlock, Math.min(progress.toBlock, finalized));
  if (range === null) return;
  const fold = await ingester.foldRange(range);
  // What it covers is claimed by passes alone.
  const proof = { ...options.proof, receiptBlocks: 0 };
  for await (const piece of finalPieces(chain, range, { ...options, proof })) {
    const { head: tip } = await heights.recent();
    const found = await untilConfirmed(chain, piece, async ({ scanned }) => {
      const { retract } = reconcile(scanned, await fold.besides(scanned));
      return reconciler.confirmed({ publish: scanned.logs, retract }, tip);
    });
    await progress.write(piece.scanned.range, found, 'finalized');
  }
}

async function republishHead(
  { chain, reconciler, view, writer }: Ingester,
  progress: BackfillProgress,
  { head, finalized }: Heights,
): Promise<void> {
  const range = blockRange(progress.nextBlock, Math.min(progress.toBlock, head.number));
  if (range === null) return;
  const advance = await advanceTo(head, [baseBlock(finalized)], chain);
  if (advance.kind !== 'advance') throw new HeadMovedError('the head does not descend from the finalized block');
  await view.reached(writer.acknowledged);
  const scanned = scannedBlocks(advance.blocks, head.number);
  // All of the scanned logs decide what stands: one of them may have moved out of the range.
  const { retract } = reconcile({ ...scanned, range }, view.window);
  const publish = scanned.logs.filter((log) => contains(range, log.blockNumber));
  const found = await reconciler.confirmed({ publish, retract }, head);
  if (found.kind === 'doubtful') throw new HeadMovedError('the contract contradicts the blocks that were read');
  await progress.write(range, found, 'included');
}

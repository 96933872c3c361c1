import type { ChainBlock } from '@hybrid-sync/chain';
import { blockRange, reconcile, type BlockRef, type ComponentStatus, type Coverage } from '@hybrid-sync/domain';
import { advanceTo, baseBlock, scannedBlocks, type Ingester } from '@hybrid-sync/ingest';
import { finalPieces, type ReadOptions } from './final-pieces.js';

/** The head moved to another branch during the pass: what was read above the finalized block is not used. */
export class HeadMovedError extends Error {
  override readonly name = 'HeadMovedError';
}

/**
 * Scans everything above the blocks that were final at the previous pass, up to the head: final blocks by range, the
 * rest by block hash. Coverage grows, and is said, after every acknowledged piece.
 */
export async function runPass(
  ingester: Ingester,
  before: Coverage | null,
  options: ReadOptions,
): Promise<Coverage | null> {
  const { chain, view, writer } = ingester;
  const head = await chain.block('latest');
  const finalized = await chain.block('finalized');
  await view.reached(writer.acknowledged);
  await say(ingester, { head, finalized, coverage: before, syncing: true });
  const settled = await scanFinalized(ingester, before, { ...options, head, finalized });
  options.signal.throwIfAborted();
  return scanHead(ingester, settled, { head, finalized });
}

interface Heights {
  readonly head: ChainBlock;
  readonly finalized: ChainBlock;
}

async function scanFinalized(
  ingester: Ingester,
  before: Coverage | null,
  { head, finalized, ...options }: ReadOptions & Heights,
): Promise<Coverage | null> {
  const { chain, deployment, view, writer } = ingester;
  const range = blockRange(Math.max(deployment.startBlock, (before?.settledTo ?? -1) + 1), finalized.number);
  if (range === null) return before;
  let coverage = before;
  for await (const { scanned, last } of finalPieces(chain, range, options)) {
    const found = reconcile(scanned, view.window);
    await writer.reconciled(found, { source: 'batch', finality: 'finalized' });
    coverage = settling(ingester, coverage, { covered: last, settledTo: scanned.range.toBlock });
    await say(ingester, { head, finalized, coverage, syncing: true });
  }
  return coverage;
}

async function scanHead(
  ingester: Ingester,
  settled: Coverage | null,
  { head, finalized }: Heights,
): Promise<Coverage | null> {
  const { chain, view, writer } = ingester;
  const advance = await advanceTo(head, [baseBlock(finalized)], chain);
  let coverage = settled;
  if (advance.kind === 'finality_violation')
    throw new HeadMovedError('the head does not descend from the finalized block');
  if (advance.kind === 'advance') {
    const found = reconcile(scannedBlocks(advance.blocks, head.number), view.window);
    await writer.reconciled(found, { source: 'batch', finality: 'included' });
    coverage = covering(ingester, settled, { covered: head, settledTo: finalized.number });
  }
  await say(ingester, { head, finalized, coverage, syncing: false });
  return coverage;
}

interface Scanned {
  readonly covered: BlockRef;
  readonly settledTo: number;
}

/** What an earlier pass covered above the finalized block stays covered until the head is scanned. */
function settling(ingester: Ingester, before: Coverage | null, scanned: Scanned): Coverage {
  const now = covering(ingester, before, scanned);
  if (before === null || before.coveredTo <= scanned.covered.number) return now;
  return { ...before, settledTo: now.settledTo, offsets: now.offsets };
}

/**
 * Up to the scanned block and no further: after a reorg to a shorter branch, blocks of the new one that take the numbers
 * of the old one's have not been looked at. An endpoint that lags takes nothing of what is settled.
 */
function covering({ deployment, view, writer }: Ingester, before: Coverage | null, scanned: Scanned): Coverage {
  const { number, hash, timestamp } = scanned.covered;
  return {
    coveredFrom: before?.coveredFrom ?? deployment.startBlock,
    coveredTo: number,
    coveredToHash: hash,
    coveredToTimestamp: timestamp,
    settledTo: Math.max(scanned.settledTo, before?.settledTo ?? 0),
    offsets: view.covered(writer.acknowledged),
  };
}

type Said = Pick<ComponentStatus, 'head' | 'finalized' | 'coverage' | 'syncing'>;

function say({ component, deployment, reporter }: Ingester, said: Said): Promise<void> {
  return reporter.say({
    component,
    deployment,
    finalityViolation: null,
    proof: 'none',
    windowOffsets: new Map(),
    audit: null,
    missing: null,
    ...said,
  });
}

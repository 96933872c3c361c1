import { hasHole } from '@hybrid-sync/domain';
import type { Standing } from './ingest-metrics.js';
import type { Lease } from './lease.js';
import type { TopicView } from './topic-view.js';

/** How an ingester stands at this moment, for whoever scrapes it. */
export function standingOf(
  view: Pick<TopicView, 'component' | 'window' | 'suspects'>,
  lease: Pick<Lease, 'held'>,
): Standing {
  const realtime = view.component('ingest-realtime')?.coverage ?? null;
  const batch = view.component('ingest-batch')?.coverage ?? null;
  const holeBlocks = hasHole(realtime, batch) ? (realtime?.coveredFrom ?? 0) - (batch?.settledTo ?? -1) - 1 : 0;
  return {
    windowSize: view.window.size,
    suspects: view.suspects.length,
    leaseHeld: lease.held,
    holeBlocks,
  };
}

import { readFile } from 'node:fs/promises';
import { describe, expect, it } from '@jest/globals';
import { RpcError } from '@hybrid-sync/chain';
import { createMetrics } from '../../runtime/src/metrics.js';
import { hashOf, identity, plainClaims, revocationLog } from '../../domain/src/testing/arbitraries.js';
import { DoubtfulScanError } from './failure-kind.js';
import { IngestMetrics } from './ingest-metrics.js';
import type { Judged, Question } from './verdict.js';

const log = revocationLog();
const retraction: Question = { ...log, live: log, reason: 'reorg', suspect: null };
const suspect: Question = { ...retraction, live: null, suspect: { ...log, partition: 0, offset: 0, live: null } };

async function measured(): Promise<string> {
  const registry = createMetrics('ingest-realtime');
  const metrics = new IngestMetrics(registry);
  metrics.follow(() => ({ windowSize: 7, suspects: 2, leaseHeld: true, holeBlocks: 3 }));
  const block = { number: 9, hash: hashOf(9), timestamp: 0 };
  const covered = { coveredFrom: 0, coveredTo: 8, coveredToHash: hashOf(8), coveredToTimestamp: 0 };
  metrics.observe({
    component: 'ingest-realtime',
    deployment: { ...identity, startBlock: 0, startBlockHash: hashOf(0) },
    head: block,
    finalized: { ...block, number: 5 },
    syncing: false,
    coverage: { ...covered, settledTo: 4, offsets: new Map() },
    finalityViolation: null,
    ...plainClaims,
    proof: 'bloom',
  });
  const judged: readonly Judged[] = [
    { question: retraction, answer: { kind: 'not-revoked' } },
    { question: retraction, answer: { kind: 'revoked', log } },
    { question: suspect, answer: { kind: 'not-revoked' } },
    { question: suspect, answer: { kind: 'revoked', log } },
  ];
  metrics.judged(judged);
  metrics.reorged(3);
  metrics.jumped();
  metrics.acknowledgedAfter(40);
  metrics.failed(new RpcError('rate-limited', 'eth_call', 'slow down'));
  metrics.failed(new DoubtfulScanError(1));
  metrics.failed(new Error('anything'));
  return registry.metrics();
}

describe('what an ingester measures', () => {
  it.each([
    'hybrid_sync_head_block{service="ingest-realtime"} 9',
    'hybrid_sync_finalized_block{service="ingest-realtime"} 5',
    'hybrid_sync_covered_block{service="ingest-realtime"} 8',
    'hybrid_sync_settled_block{service="ingest-realtime"} 4',
    'hybrid_sync_proof{proof="bloom",service="ingest-realtime"} 1',
    'hybrid_sync_proof{proof="receipts",service="ingest-realtime"} 0',
    'hybrid_sync_retractions_total{outcome="confirmed",service="ingest-realtime"} 1',
    'hybrid_sync_retractions_total{outcome="refused",service="ingest-realtime"} 1',
    'hybrid_sync_suspects_total{outcome="right",service="ingest-realtime"} 1',
    'hybrid_sync_suspects_total{outcome="wrong",service="ingest-realtime"} 1',
    'hybrid_sync_reorg_depth_blocks_sum{service="ingest-realtime"} 3',
    'hybrid_sync_publish_latency_seconds_sum{service="ingest-realtime"} 0.04',
    'hybrid_sync_step_failures_total{kind="rate-limited",service="ingest-realtime"} 1',
    'hybrid_sync_step_failures_total{kind="doubtful",service="ingest-realtime"} 1',
    'hybrid_sync_step_failures_total{kind="other",service="ingest-realtime"} 1',
    'hybrid_sync_window_records{service="ingest-realtime"} 7',
    'hybrid_sync_suspect_records{service="ingest-realtime"} 2',
    'hybrid_sync_lease_held{service="ingest-realtime"} 1',
    'hybrid_sync_hole_blocks{service="ingest-realtime"} 3',
  ])('is scraped as %s', async (line) => {
    expect((await measured()).split('\n')).toContain(line);
  });

  it('names no lock and no hash, and is explained', async () => {
    const text = await measured();
    expect(text).not.toMatch(/0x|lock_id|lockId/);
    const page = await readFile(new URL('../../../docs/metrics.md', import.meta.url), 'utf8');
    const names = [...text.matchAll(/^# TYPE (hybrid_sync_\w+)/gm)].map(([, name = '']) => name);
    expect(names.filter((name) => !page.includes(`\`${name}\``))).toEqual([]);
    expect(names.length).toBeGreaterThan(15);
  });
});

import type { ComponentStatus } from '@hybrid-sync/domain';
import { createLog } from '@hybrid-sync/runtime';
import { MemoryTopics } from '../../../../libs/ingest/src/testing/memory-topics.js';
import { SimulatedChain } from '../../../../libs/ingest/src/testing/simulated-chain.js';
import {
  openSimulated,
  saidBy,
  type SimulatedIngester,
} from '../../../../libs/ingest/src/testing/simulated-ingester.js';
import { Follower } from '../follower.js';
import { plainClaims } from '../../../../libs/domain/src/testing/arbitraries.js';

const silent = createLog({ service: 'test', level: 'silent', secrets: [] });

export interface Following {
  readonly chain: SimulatedChain;
  readonly log: MemoryTopics;
  readonly ingester: SimulatedIngester;
  readonly follower: Follower;
  readonly reorgs: number[];
  /** Another process of the same ingester, which has read everything. */
  restarted(): Promise<Following>;
}

export async function followingOn(chain: SimulatedChain, log = new MemoryTopics()): Promise<Following> {
  const ingester = await openSimulated('ingest-realtime', { chain, topics: log });
  const reorgs: number[] = [];
  const metrics = {
    reorged: (depth: number) => void reorgs.push(depth),
    jumped: () => undefined,
    failed: () => undefined,
    acknowledgedAfter: () => undefined,
  };
  const follower = new Follower({ ...ingester, metrics }, silent);
  return { chain, log, ingester, follower, reorgs, restarted: () => followingOn(chain, log) };
}

/** As after the first pass of ingest-batch: a first start does not wait. */
export async function afterHistory(chain: SimulatedChain): Promise<Following> {
  const log = new MemoryTopics();
  const batch = await openSimulated('ingest-batch', { chain, topics: log });
  const { head, finalized } = chain;
  const covered = { coveredTo: head.number, coveredToHash: head.hash, coveredToTimestamp: head.timestamp };
  await batch.reporter.say({
    component: 'ingest-batch',
    deployment: batch.deployment,
    head,
    finalized,
    syncing: false,
    coverage: { coveredFrom: 0, ...covered, settledTo: finalized.number, offsets: new Map() },
    finalityViolation: null,
    ...plainClaims,
  });
  return followingOn(chain, log);
}

/** A process that has begun to follow. */
export async function following(finalizedDepth = 64): Promise<Following> {
  const started = await afterHistory(new SimulatedChain(finalizedDepth));
  await started.follower.step();
  return started;
}

/** The last status on the topic. */
export function lastSaid({ log }: Following): ComponentStatus {
  const last = saidBy(log, 'ingest-realtime').at(-1);
  if (last === undefined) throw new Error('nothing was said');
  return last;
}

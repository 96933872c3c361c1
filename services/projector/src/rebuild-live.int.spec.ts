import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { openConnection } from '@hybrid-sync/devstack';
import { encodeComponentStatus, revocationKey, type ComponentStatus, type OffsetVector } from '@hybrid-sync/domain';
import { endOffsets } from '@hybrid-sync/kafka';
import { hashOf, identity, plainClaims } from '../../../libs/domain/src/testing/arbitraries.js';
import { until } from '../../../libs/runtime/src/testing/until.js';
import { generationOf } from './testing/building.js';
import { Deployment } from './testing/deployment.js';
import { logOf, revoked } from './testing/records.js';
import { keysOf, liveKeys, many, publish } from './testing/revocation-rows.js';

const patience = 120_000;
let deployment: Deployment;

beforeEach(async () => {
  deployment = await Deployment.create();
}, patience);
afterEach(() => deployment.drop(), patience);

/** What a caller would be told, in one snapshot, as the query API asks: keys that are there, and asOf. */
const look = `select
  (select count(*)::integer from revoked_signatures where lock_id = 1 and block_number = 1000) as live,
  (select covered_to::integer from applied_coverage where component = 'ingest-batch') as as_of`;

/** Revokes keys one by one, and claims after each that its block is covered, until it is stopped. */
async function traffic(stop: AbortSignal): Promise<number> {
  let block = 2_000;
  while (!stop.aborted) {
    block += 1;
    await publish(deployment, [revoked(logOf(2, block, block))]);
    const offsets = await endOffsets(deployment.kafka, deployment.topics.revocations);
    const value = encodeComponentStatus(statusOf(block, offsets));
    await deployment.publisher.publish(deployment.topics.status, [{ key: 'ingest-batch', value }]);
    await sleep(20);
  }
  return block;
}

interface Seen {
  readonly live: number;
  readonly asOf: number;
}

/** Fifty times a second. */
async function watched(stop: AbortSignal): Promise<readonly Seen[]> {
  const connection = await openConnection(deployment.store.url);
  const seen: Seen[] = [];
  while (!stop.aborted) {
    const [row] = await connection.query(look);
    seen.push({ live: Number(row?.['live']), asOf: Number(row?.['as_of'] ?? -1) });
    await sleep(20);
  }
  await connection.close();
  return seen;
}

describe('a rebuild under live traffic', () => {
  it(
    'is noticed by nobody: no revocation is missing at any time, and asOf never goes back',
    async () => {
      const count = 3_000;
      await publish(deployment, many(0, count));
      const projectors = [await deployment.start(), await deployment.start()];
      await deployment.applied();
      const stop = new AbortController();
      const writing = traffic(stop.signal);
      const watching = watched(stop.signal);
      await until(async () => ((await deployment.store.rows(look))[0]?.['as_of'] == null ? undefined : true));
      for (const args of [[], [], ['--switch-back']])
        expect(await deployment.tool('rebuild.js', ...args).exited).toBe(0);
      stop.abort();
      const last = await writing;
      const seen = await watching;
      await deployment.applied();

      expect(await generationOf(deployment, 'active')).toMatchObject({ generation: 2 });
      expect(seen.length).toBeGreaterThan(50);
      expect(seen.filter(({ live }) => live !== count)).toEqual([]);
      const wentBack = seen.filter(({ asOf }, index) => asOf < (seen[index - 1]?.asOf ?? -1));
      expect(wentBack).toEqual([]);
      const written = Array.from({ length: last - 2_000 }, (_, index) =>
        revoked(logOf(2, 2_001 + index, 2_001 + index)),
      );
      expect(await liveKeys(deployment)).toEqual(keysOf([...many(0, count), ...written]));
      expect(revocationKey(logOf(2, last, last))).toBe(written.at(-1)?.key);
      for (const { process } of projectors) expect(await process.stop()).toBe(0);
    },
    patience,
  );
});

function statusOf(coveredTo: number, offsets: OffsetVector): ComponentStatus {
  const head = { number: coveredTo, hash: hashOf(coveredTo), timestamp: 1_700_000_000 };
  const covered = { coveredToHash: head.hash, coveredToTimestamp: head.timestamp };
  return {
    component: 'ingest-batch',
    deployment: { ...identity, startBlock: 0, startBlockHash: hashOf(1) },
    head,
    finalized: { ...head, number: 0 },
    syncing: false,
    coverage: { coveredFrom: 0, coveredTo, ...covered, settledTo: 0, offsets },
    finalityViolation: null,
    ...plainClaims,
  };
}

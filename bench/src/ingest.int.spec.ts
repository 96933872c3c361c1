import { describe, expect, it } from '@jest/globals';
import { testServers } from '@hybrid-sync/devstack';
import { blockLatency, ways } from './block-latency.js';
import { forceSync } from './force-sync.js';
import { initialSync } from './initial-sync.js';
import { memory } from './memory.js';
import type { Scenario } from './scenario.js';

const patience = 180_000;
const smallChain = { blocks: 90, events: 60 };

/** The numbers of every row, by what was measured. */
async function measured(scenario: Scenario): Promise<Map<string, readonly number[]>> {
  const { heading, rows } = await scenario.run({ brokers: testServers().brokers, runs: 1, say: () => undefined });
  for (const row of rows) expect(row).toHaveLength(heading.length);
  return new Map(rows.map(([what = '', ...cells]) => [what, cells.map((cell) => Number(cell.replaceAll(',', '')))]));
}

function expectNumbers(rows: ReadonlyMap<string, readonly number[]>, count: number): void {
  expect(rows.size).toBe(count);
  for (const numbers of rows.values()) for (const number of numbers) expect(number).toBeGreaterThanOrEqual(0);
}

describe('a small benchmark of', () => {
  it(
    'an initial sync times every side, and all of them find all events',
    () => measuredTimes(initialSync([smallChain]), 4),
    patience,
  );

  it('a force-sync times every side near and far', () => measuredTimes(forceSync(smallChain, [0, 5]), 8), patience);

  it(
    'memory syncs a synthetic chain that a real ingester believes',
    async () => {
      const rows = await measured(memory({ blocks: 80, eventsPerBlock: 30 }));
      expectNumbers(rows, 3);
      const peaks = [...rows.values()].map(([peak = 0]) => peak);
      expect(peaks[0]).toBeGreaterThan(30);
      expect(peaks).toEqual(peaks.toSorted((one, other) => one - other));
    },
    patience,
  );

  it(
    'latency sees every record of every block',
    async () => {
      const rows = await measured(blockLatency(2, ways.slice(0, 2)));
      expect([...rows.values()].map(([records]) => records)).toEqual([6, 6]);
    },
    patience,
  );
});

async function measuredTimes(scenario: Scenario, rows: number): Promise<void> {
  expectNumbers(await measured(scenario), rows);
}

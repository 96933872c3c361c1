import { describe, expect, it } from '@jest/globals';
import { isDownloaded, testServers } from '@hybrid-sync/devstack';
import { connectJars } from './connect-sink.js';
import type { ProjectContext } from './project-context.js';
import { projection } from './projection.js';
import { readModelSize } from './read-model-size.js';
import { rebuild } from './rebuild.js';
import type { Scenario } from './scenario.js';

const patience = 300_000;

/** The numbers of every row, by what was measured. */
async function measured(scenario: Scenario<ProjectContext>): Promise<Map<string, readonly number[]>> {
  const { heading, rows } = await scenario.run({ ...testServers(), runs: 1, say: () => undefined });
  for (const row of rows) expect(row).toHaveLength(heading.length);
  return new Map(rows.map(([what = '', ...cells]) => [what, cells.map((cell) => Number(cell.replaceAll(',', '')))]));
}

function expectPositive(rows: ReadonlyMap<string, readonly number[]>): void {
  for (const numbers of rows.values()) for (const number of numbers) expect(number).toBeGreaterThan(0);
}

describe('a small benchmark of', () => {
  it(
    'the projection times every side, and all of them write every row',
    async () => {
      const sunk = (await isDownloaded(connectJars)) ? 400 : 0;
      const rows = await measured(projection({ records: 2_000, singly: 200, committedSingly: 20, sunk }));
      expect(rows.size).toBe(sunk === 0 ? 6 : 8);
      expectPositive(rows);
    },
    patience,
  );

  it(
    'the size of the read model finds its rows and every index',
    async () => {
      const rows = await measured(readModelSize({ records: 2_000, idleSeconds: 0 }));
      expect([...rows.keys()].filter((what) => what.includes('index'))).toHaveLength(3);
      expectPositive(rows);
    },
    patience,
  );

  it(
    'a rebuild switches while a reader looks on',
    async () => {
      const rows = await measured(rebuild({ records: 2_000, livePerSecond: 50, looksPerSecond: 50 }));
      expect(rows.size).toBe(3);
      expectPositive(rows);
    },
    patience,
  );
});

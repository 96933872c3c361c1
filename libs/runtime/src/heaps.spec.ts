import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from '@jest/globals';
import { z } from 'zod';

const figures = z.object({ newSpace: z.number(), heap: z.number() });

/** Keeps 20 MB for a while, over and over, and says how large the heap has become, in MB. */
const program = `
  import { getHeapSpaceStatistics } from 'node:v8';
  const kept = [];
  let heap = 0;
  for (let n = 0; n < 2_000_000; n += 1) {
    kept[n % 200_000] = { text: 'n' + n, numbers: [n, n + 1] };
    if (n % 1_000 === 0) heap = Math.max(heap, process.memoryUsage().heapTotal);
  }
  const newSpace = getHeapSpaceStatistics().find(({ space_name }) => space_name === 'new_space').space_size;
  console.log(JSON.stringify({ newSpace: newSpace / 1e6, heap: heap / 1e6 }));
`;

function run(preload: readonly string[]): z.infer<typeof figures> {
  const imports = preload.map((path) => `--import=${path}`);
  const args = ['--disable-warning=ExperimentalWarning', ...imports, '--input-type=module', '--eval', program];
  return figures.parse(JSON.parse(execFileSync(process.execPath, args, { encoding: 'utf8' })));
}

describe('the heap of a service', () => {
  const usual = run([]);

  it.each([
    ['small-heap', 0.7],
    ['working-heap', 0.9],
  ])('stays near what is held in it: %s', (module, share) => {
    const early = run([fileURLToPath(new URL(`${module}.ts`, import.meta.url))]);
    expect(early.newSpace).toBeLessThan(4);
    expect(early.heap).toBeLessThan(share * usual.heap);
  });
});

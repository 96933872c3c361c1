import { readFile, writeFile } from 'node:fs/promises';
import { inCheckout } from '@hybrid-sync/devstack';
import { format, resolveConfig } from 'prettier';

/** What one scenario measured. */
export interface Measured {
  readonly heading: readonly string[];
  readonly rows: readonly (readonly string[])[];
  /** On which machine, when, in how many runs. */
  readonly circumstances: string;
}

/** As Markdown: a table, and under it how it came about. */
export function markdownOf({ heading, rows, circumstances }: Measured): string {
  const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`;
  const rule = heading.map((_, column) => (column === 0 ? '---' : '--:'));
  return `${[heading, rule, ...rows].map(line).join('\n')}\n\n${circumstances}`;
}

/** The page with the scenario's part replaced. What is written by hand around it stays as it is. */
export function withMeasured(page: string, scenario: string, text: string): string {
  const begin = `<!-- measured: ${scenario} -->`;
  const end = '<!-- end of what was measured -->';
  const from = page.indexOf(begin);
  const to = page.indexOf(end, from);
  if (from < 0 || to < 0) throw new Error(`RESULTS.md has no place for ${scenario}`);
  return `${page.slice(0, from + begin.length)}\n\n${text}\n\n${page.slice(to)}`;
}

/** Writes the scenario's part into bench/RESULTS.md. */
export async function writeResults(scenario: string, measured: Measured): Promise<void> {
  const file = inCheckout('bench', 'RESULTS.md');
  const page = withMeasured(await readFile(file, 'utf8'), scenario, markdownOf(measured));
  await writeFile(file, await format(page, { ...(await resolveConfig(file)), parser: 'markdown' }));
}

import { parseArgs } from 'node:util';
import { load, machine } from './machine.js';
import { markdownOf, writeResults } from './results-page.js';
import type { BenchContext, Scenario } from './scenario.js';

/** What all scenarios of one benchmark run on. */
export interface BenchServers<C extends BenchContext> {
  readonly context: (common: Pick<BenchContext, 'runs' | 'say'>) => C;
  stop(): Promise<void>;
}

/** `npm run bench:<name> -- [scenario ...] [--runs 5]`: runs the scenarios, all of them by default, one after the other. */
export async function runBench<C extends BenchContext>(
  name: string,
  scenarios: readonly Scenario<C>[],
  start: () => Promise<BenchServers<C>>,
): Promise<void> {
  const { values, positionals } = parseArgs({ options: { runs: { type: 'string' } }, allowPositionals: true });
  const runs = Number(values.runs ?? 5);
  const unknown = positionals.filter((given) => !scenarios.some((scenario) => scenario.name === given));
  if (unknown.length > 0 || !Number.isInteger(runs) || runs < 1) {
    say(`usage: npm run bench:${name} -- [${scenarios.map((scenario) => scenario.name).join(' | ')}] [--runs 5]`);
    process.exit(2);
  }
  const servers = await start();
  try {
    for (const scenario of scenarios) {
      if (positionals.length === 0 || positionals.includes(scenario.name)) await measure(scenario, runs, servers);
    }
  } finally {
    await servers.stop();
  }
}

async function measure<C extends BenchContext>(
  { name, once = false, run }: Scenario<C>,
  runs: number,
  servers: BenchServers<C>,
): Promise<void> {
  const begin = `${new Date().toISOString().slice(0, 16)}Z, load ${load()}`;
  const context = servers.context({
    runs,
    say: (line) => {
      say(`${name}: ${line}`);
    },
  });
  const measured = await run(context);
  const circumstances = `${once ? 'One run' : `${runs} runs`}, ${begin} to ${load()}: ${await machine()}.`;
  say(`\n${markdownOf({ ...measured, circumstances })}\n`);
  await writeResults(name, { ...measured, circumstances });
}

function say(line: string): void {
  process.stdout.write(`${line}\n`);
}

import { parseArgs } from 'node:util';
import { load, machine } from './machine.js';
import { markdownOf, writeResults } from './results-page.js';
import type { BenchContext, Scenario } from './scenario.js';

/** What all scenarios of one benchmark run on. */
export interface BenchServers<C extends BenchContext> {
  readonly context: (common: Pick<BenchContext, 'runs' | 'say'>) => C;
  stop(): Promise<void>;
}

export interface BenchPlan<C extends BenchContext> {
  readonly name: string;
  /** Records of the topics that are filled, where the benchmark lets one choose. */
  readonly records?: number;
  readonly scenarios: (records: number) => readonly Scenario<C>[];
  readonly start: () => Promise<BenchServers<C>>;
}

/** `npm run bench:<name> -- [scenario ...] [--runs 5]`: runs the scenarios, all of them by default, one after the other. */
export async function runBench<C extends BenchContext>({ name, start, ...plan }: BenchPlan<C>): Promise<void> {
  const options = { runs: { type: 'string' }, records: { type: 'string' } } as const;
  const { values, positionals } = parseArgs({ options, allowPositionals: true });
  const [runs, records] = [Number(values.runs ?? 5), Number(values.records ?? plan.records ?? 1)];
  const scenarios = plan.scenarios(records);
  const unknown = positionals.filter((given) => !scenarios.some((scenario) => scenario.name === given));
  if (unknown.length > 0 || ![runs, records].every((count) => Number.isInteger(count) && count >= 1)) {
    const choice = scenarios.map((scenario) => scenario.name).join(' | ');
    const size = plan.records === undefined ? '' : ` [--records ${plan.records}]`;
    say(`usage: npm run bench:${name} -- [${choice}] [--runs 5]${size}`);
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

import { parseArgs } from 'node:util';
import { startBenchKafka } from './bench-kafka.js';
import { blockLatency } from './block-latency.js';
import { forceSync } from './force-sync.js';
import { initialSync } from './initial-sync.js';
import { load, machine } from './machine.js';
import { memory } from './memory.js';
import { markdownOf, writeResults } from './results-page.js';
import type { Scenario } from './scenario.js';

// `npm run bench:ingest -- [scenario ...] [--runs 5]`

const scenarios: readonly Scenario[] = [
  initialSync([
    { blocks: 2_000, events: 20_000 },
    { blocks: 10_000, events: 2_000 },
  ]),
  forceSync({ blocks: 10_000, events: 2_000 }, [0, 50]),
  memory({ blocks: 10_000, eventsPerBlock: 100 }),
  blockLatency(120),
];

const { values, positionals } = parseArgs({ options: { runs: { type: 'string' } }, allowPositionals: true });
const runs = Number(values.runs ?? 5);
const unknown = positionals.filter((name) => !scenarios.some((scenario) => scenario.name === name));
if (unknown.length > 0 || !Number.isInteger(runs) || runs < 1) {
  say(`usage: npm run bench:ingest -- [${scenarios.map(({ name }) => name).join(' | ')}] [--runs 5]`);
  process.exit(2);
}

const kafka = await startBenchKafka();
try {
  for (const scenario of scenarios) {
    if (positionals.length === 0 || positionals.includes(scenario.name)) await measure(scenario);
  }
} finally {
  await kafka.stop();
}

async function measure({ name, once = false, run }: Scenario): Promise<void> {
  const begin = `${new Date().toISOString().slice(0, 16)}Z, load ${load()}`;
  const measured = await run({
    brokers: kafka.brokers,
    runs,
    say: (line) => {
      say(`${name}: ${line}`);
    },
  });
  const circumstances = `${once ? 'One run' : `${runs} runs`}, ${begin} to ${load()}: ${await machine()}.`;
  say(`\n${markdownOf({ ...measured, circumstances })}\n`);
  await writeResults(name, { ...measured, circumstances });
}

function say(line: string): void {
  process.stdout.write(`${line}\n`);
}

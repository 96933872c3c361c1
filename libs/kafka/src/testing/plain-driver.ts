import { execFile } from 'node:child_process';
import { createRequire } from 'node:module';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** Runs in a process of its own, without our remedies: prints the last offset seen, once all is read or nothing moves. */
const script = `
const { Kafka, logLevel } = require(process.argv[1]);
const [brokers, topic, end, patience] = process.argv.slice(2);
const consumer = new Kafka({ brokers: brokers.split(','), logLevel: logLevel.NOTHING }).consumer({
  groupId: 'plain-' + Date.now(), maxWaitTimeInMs: 100 });
let next = 0, idle = 0;
const finish = (outcome) => { console.log(JSON.stringify({ outcome, next })); process.exit(0); };
consumer.on(consumer.events.FETCH, () => { if (++idle > Number(patience)) finish('stuck'); });
consumer.subscribe({ topic, fromBeginning: true }).then(() => consumer.run({ eachBatch: async ({ batch }) => {
  idle = 0;
  next = Number(batch.lastOffset()) + 1;
  if (next >= Number(end)) finish('done');
} }));
`;

/** How the driver as published reads partition 0 of a topic. `stuck`: so many fetches in a row brought nothing. */
export async function readWithPlainDriver(
  brokers: readonly string[],
  topic: string,
  { end, patience }: { readonly end: number; readonly patience: number },
): Promise<string> {
  const driver = createRequire(import.meta.url).resolve('kafkajs');
  const args = ['--no-warnings', '-e', script, driver, brokers.join(','), topic, String(end), String(patience)];
  const { stdout } = await run(process.execPath, args, { timeout: 60_000 });
  return stdout.trim();
}

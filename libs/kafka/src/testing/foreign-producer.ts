import { spawn } from 'node:child_process';
import { createRequire } from 'node:module';

export interface ForeignRecord {
  readonly key: string | Buffer | null;
  readonly value: string | Buffer | null;
  readonly partition?: number;
  readonly headers?: Readonly<Record<string, string>>;
}

/** A process of its own, with the driver as it is published: within this one our encoder has taken its place. */
const script = `
const { Kafka, logLevel } = require(process.argv[1]);
const [brokers, topic] = process.argv.slice(2);
const producer = new Kafka({ brokers: brokers.split(','), logLevel: logLevel.NOTHING }).producer();
const bytes = (text) => (text === null ? null : Buffer.from(text, 'base64'));
const main = async () => {
  const chunks = await process.stdin.toArray();
  const records = JSON.parse(Buffer.concat(chunks).toString());
  const messages = records.map(({ key, value, ...rest }) => ({ ...rest, key: bytes(key), value: bytes(value) }));
  await producer.connect();
  await producer.send({ topic, messages });
  await producer.disconnect();
};
main();
`;

/** Writes what our own publisher never would, as another team's tool may: no key, no value, a partition of its choice. */
export async function produceForeign(
  brokers: readonly string[],
  topic: string,
  records: readonly ForeignRecord[],
): Promise<void> {
  const driver = createRequire(import.meta.url).resolve('kafkajs');
  const args = ['--no-warnings', '-e', script, driver, brokers.join(','), topic];
  const child = spawn(process.execPath, args, { stdio: ['pipe', 'ignore', 'inherit'] });
  const exited = new Promise((resolve) => child.once('exit', resolve));
  child.stdin.end(JSON.stringify(records.map((record) => ({ ...record, ...base64Of(record) }))));
  const code = await exited;
  if (code !== 0) throw new Error(`the producer ended with ${String(code)}`);
}

function base64Of({ key, value }: ForeignRecord): { readonly key: string | null; readonly value: string | null } {
  const base64 = (bytes: string | Buffer | null): string | null =>
    bytes === null ? null : Buffer.from(bytes).toString('base64');
  return { key: base64(key), value: base64(value) };
}

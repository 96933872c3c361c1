import { execFile } from 'node:child_process';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { describe, expect, it } from '@jest/globals';
import { sharedKafka } from './testing/test-kafka.js';

const run = promisify(execFile);

/** What a program of its own writes to stderr; `arguments` are the module and the brokers. */
async function complaints(script: string, module: string): Promise<string> {
  const args = ['--input-type=module', '-e', script, module, sharedKafka().brokers.join(',')];
  return (await run(process.execPath, args, { timeout: 30_000 })).stderr;
}

describe('the driver on this Node', () => {
  it('warns of a negative timeout as it is published', async () => {
    const script = `const { default: { Kafka } } = await import(process.argv[1]);
      const admin = new Kafka({ brokers: process.argv[2].split(','), logLevel: 0 }).admin();
      await admin.connect();
      await admin.listTopics();
      await admin.disconnect();`;
    expect(await complaints(script, createRequire(import.meta.url).resolve('kafkajs'))).toContain(
      'TimeoutNegativeWarning',
    );
  });

  it('says nothing with its remedy, in the package as it is built', async () => {
    const script = `const { connectKafka, ensureTopics } = await import(process.argv[1]);
      const log = { debug() {}, info() {}, warn: console.error, error: console.error };
      const kafka = connectKafka({ brokers: process.argv[2].split(','), clientId: 'test', ssl: false }, log);
      await ensureTopics(kafka, [], { mode: 'verify', replicationFactor: 1 });`;
    expect(await complaints(script, fileURLToPath(new URL('../dist/index.js', import.meta.url)))).toBe('');
  });
});

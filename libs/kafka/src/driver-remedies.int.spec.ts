import { execFile } from 'node:child_process';
import { createRequire } from 'node:module';
import { promisify } from 'node:util';
import { describe, expect, it } from '@jest/globals';
import { endOffsets } from './index.js';
import { connectTo, newTopic } from './testing/connections.js';
import { sharedKafka } from './testing/test-kafka.js';

const run = promisify(execFile);

describe('the driver on this Node', () => {
  it('warns of a negative timeout as it is published', async () => {
    const script = `const { Kafka } = require(process.argv[1]);
      const admin = new Kafka({ brokers: process.argv[2].split(','), logLevel: 0 }).admin();
      admin.connect().then(() => admin.listTopics()).then(() => admin.disconnect());`;
    const driver = createRequire(import.meta.url).resolve('kafkajs');
    const { stderr } = await run(process.execPath, ['-e', script, driver, sharedKafka().brokers.join(',')]);
    expect(stderr).toContain('TimeoutNegativeWarning');
  });

  it('does not with its remedy', async () => {
    const warnings: Error[] = [];
    const keep = (warning: Error): void => {
      warnings.push(warning);
    };
    process.on('warning', keep);
    const kafka = connectTo(sharedKafka());
    await endOffsets(kafka, await newTopic(kafka));
    process.off('warning', keep);
    expect(warnings).toEqual([]);
  });
});

import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { produceForeign } from '../../../libs/kafka/src/testing/foreign-producer.js';
import { until } from '../../../libs/runtime/src/testing/until.js';
import { LetterTables } from './testing/letter-tables.js';
import { logOf, revoked } from './testing/records.js';

// Every command is a process of its own.
jest.setTimeout(120_000);

let tables: LetterTables;
beforeAll(async () => {
  tables = await LetterTables.create();
});
afterAll(() => tables.drop());

const log = logOf(1, 7);
const unresolved = async (): Promise<number> =>
  (await tables.rows('select from dead_letters where resolved_at is null')).length;

describe('dead letters beside a projector that runs', () => {
  it('are listed as they are met, settle themselves, and stay settled where an operator has done it', async () => {
    const first = await tables.deployment.start();
    const at = await tables.publish(revoked(log), { key: tables.key, value: '{"schemaVersion":9}' });
    const stray = { partition: tables.partition, key: 'stray', value: 'x' };
    await produceForeign(tables.deployment.brokers, tables.topic, [stray]);
    await until(async () => ((await unresolved()) === 2 ? true : undefined));
    expect(await tables.liveBlocks()).toEqual([]);
    const listed = (await tables.run('list')).output;
    expect(listed).toContain(tables.place(at + 1));
    expect(listed).toContain(tables.place(at + 2));
    expect((await tables.run('replay', tables.place(at + 1), '--by', 'ann')).exitCode).toBe(1);
    await tables.publish(revoked(log));
    await until(async () => ((await unresolved()) === 1 ? true : undefined));
    expect((await tables.run('resolve', tables.place(at + 2), '--by', 'ann', '--note', 'stray')).exitCode).toBe(0);
    await first.process.stop();
    await tables.deployment.start();
    await tables.publish(revoked(log));
    await tables.deployment.applied();
    expect(await tables.resolutions()).toEqual([
      [at + 1, 'superseded'],
      [at + 2, 'dismissed'],
    ]);
    expect(await tables.liveBlocks()).toEqual([1000]);
  });
});

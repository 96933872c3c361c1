import { afterAll, beforeAll, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { encodeEntry } from '@hybrid-sync/domain';
import { advanceOffset, upsertEntries } from '@hybrid-sync/store';
import { until } from '../../../libs/runtime/src/testing/until.js';
import { LetterTables } from './testing/letter-tables.js';
import { entryOf, logOf, retracted, revoked } from './testing/records.js';

// Every command is a process of its own.
jest.setTimeout(120_000);

let tables: LetterTables;
beforeAll(async () => {
  tables = await LetterTables.create();
});
afterAll(() => tables.drop());
beforeEach(() => tables.clear());

const log = logOf(1, 7);
const entries = (): string => tables.deployment.topics.entries;

describe('dead-letters.js replay', () => {
  it('applies a record that can be read now, and what it overtakes is resolved too', async () => {
    const from = await tables.publish({ key: tables.key, value: 'not json' }, revoked(log, 'force-sync'));
    await tables.applyAll();
    await tables.leaveLetter(from, { key: tables.key, value: 'not json' });
    await tables.leaveLetter(from + 1, revoked(log, 'force-sync'));
    const { exitCode, output } = await tables.run(
      'replay',
      tables.place(from + 1),
      '--by',
      'ann',
      '--note',
      'new version',
    );
    expect([exitCode, output]).toEqual([0, 'replayed: the record has been applied\n']);
    expect(await tables.rows('select reason, record_offset from retractions')).toEqual([
      { reason: 'malformed', record_offset: `${from}` },
    ]);
    expect(await tables.rows('select block_number, first_published_by from revoked_signatures')).toEqual([
      { block_number: '1000', first_published_by: 'force-sync' },
    ]);
    expect(await tables.resolutions()).toEqual([
      [from, 'superseded'],
      [from + 1, 'replayed'],
    ]);
    expect(
      await tables.rows(`select resolved_by, note, resolved_in from dead_letters where resolution = 'replayed'`),
    ).toEqual([{ resolved_by: 'ann', note: 'new version', resolved_in: 1 }]);
  });

  it('takes a key back where the record does', async () => {
    const from = await tables.publish(retracted(log));
    await tables.applyAll();
    await tables.haveRow(log);
    await tables.leaveLetter(from, retracted(log));
    expect(await tables.run('replay', tables.place(from), '--by', 'ann')).toMatchObject({ exitCode: 0 });
    expect(await tables.liveBlocks()).toEqual([]);
    expect(
      await tables.rows(`select reason, record_offset from retractions where record_offset = ${from}`),
    ).toHaveLength(1);
  });

  it('leaves the key alone where a later record has been applied', async () => {
    const later = logOf(1, 7, 1005);
    const from = await tables.publish(retracted(log), revoked(later));
    await tables.applyAll();
    await tables.haveRow(later);
    await tables.leaveLetter(from, retracted(log));
    const { exitCode, output } = await tables.run('replay', tables.place(from), '--by', 'ann');
    expect([exitCode, output]).toEqual([0, `superseded: ${tables.place(from + 1)} came later and stands\n`]);
    expect(await tables.liveBlocks()).toEqual([1005]);
    expect(await tables.resolutions()).toEqual([[from, 'superseded']]);
  });

  it('is refused while the record cannot be read, and nothing changes', async () => {
    const from = await tables.publish({ key: tables.key, value: '{"schemaVersion":9}' });
    await tables.applyAll();
    await tables.haveRow(log);
    await tables.leaveLetter(from, { key: tables.key, value: '{"schemaVersion":9}' });
    const { exitCode, output } = await tables.run('replay', tables.place(from), '--by', 'ann');
    expect(exitCode).toBe(1);
    expect(output).toMatch(/^not replayed: the record still cannot be read: .*kind/);
    expect(await tables.liveBlocks()).toEqual([1000]);
    expect(await tables.resolutions()).toEqual([[from, null]]);
  });

  it('is refused where a later letter of the key decides', async () => {
    const from = await tables.publish(revoked(log), retracted(log));
    await tables.applyAll();
    await tables.leaveLetter(from, revoked(log));
    await tables.leaveLetter(from + 1, retracted(log));
    expect(await tables.run('replay', tables.place(from), '--by', 'ann')).toMatchObject({
      exitCode: 1,
      output: `not replayed: a later record of the key decides: replay ${tables.place(from + 1)}\n`,
    });
    expect(await tables.liveBlocks()).toEqual([]);
  });

  it('waits for a projector that is applying a later record of the key', async () => {
    const later = logOf(1, 7, 1005);
    const from = await tables.publish(retracted(log));
    await tables.applyAll();
    await tables.publish(revoked(later));
    await tables.leaveLetter(from, retracted(log));
    const { topic, partition } = tables;
    const batch = { generation: 1, topic, partition, fromOffset: from + 1, nextOffset: from + 2 };
    const replayed = await tables.deployment.store.database.transaction(async (transaction) => {
      expect(await advanceOffset(transaction, batch)).toBe('advanced');
      const outcome = tables.run('replay', tables.place(from), '--by', 'ann');
      await until(async () => ((await waitingForLocks()) > 0 ? true : undefined));
      await tables.haveRow(later, transaction);
      return { outcome };
    });
    expect(await replayed.outcome).toMatchObject({ exitCode: 0, output: expect.stringMatching(/^superseded/) });
    expect(await tables.liveBlocks()).toEqual([1005]);
  });

  it('is refused where more has been applied than the topic holds, or not yet the record itself', async () => {
    const from = await tables.publish(revoked(log));
    await tables.applyAll();
    await tables.leaveLetter(from, revoked(log));
    await tables.rows('update applied_offsets set next_offset = next_offset + 1');
    expect(await tables.run('replay', tables.place(from), '--by', 'ann')).toMatchObject({
      exitCode: 1,
      output: 'not replayed: the topic ends before what has been applied of it\n',
    });
    await tables.rows(`update applied_offsets set next_offset = ${from}`);
    expect(await tables.run('replay', tables.place(from), '--by', 'ann')).toMatchObject({
      exitCode: 1,
      output: 'not replayed: the projector has still to come to the record\n',
    });
    expect(await tables.liveBlocks()).toEqual([]);
  });

  it('undoes a resolution that was a mistake', async () => {
    const from = await tables.publish(revoked(log));
    await tables.applyAll();
    await tables.leaveLetter(from, revoked(log));
    await tables.run('resolve', tables.place(from), '--by', 'ann', '--note', 'noise');
    expect(await tables.run('replay', tables.place(from), '--by', 'bob')).toMatchObject({ exitCode: 0 });
    expect(await tables.liveBlocks()).toEqual([1000]);
    expect(await tables.resolutions()).toEqual([[from, 'replayed']]);
    expect(await tables.run('replay', tables.place(from), '--by', 'bob')).toMatchObject({ exitCode: 1 });
  });

  it('is refused where the topic is another one now, or gone', async () => {
    await tables.leaveLetter(3, revoked(log), { incarnation: 'another' });
    expect(await tables.run('replay', tables.place(3), '--by', 'ann')).toMatchObject({
      exitCode: 1,
      output: expect.stringContaining('the topic was made again'),
    });
    const gone = tables.goneTopic;
    await tables.leaveLetter(4, revoked(log), { topic: gone });
    const outcome = await tables.runFor(gone, 'replay', tables.place(4, gone), '--by', 'ann');
    expect(outcome).toMatchObject({ exitCode: 1, output: expect.stringContaining('the topic cannot be read') });
    expect(await tables.liveBlocks()).toEqual([]);
  });

  it('records an entry, and refuses one whose id has another', async () => {
    const entry = entryOf(1);
    const letter = { topic: entries(), revocationKey: null, key: Buffer.from(entry.entryId) };
    await tables.leaveLetter(3, { key: null, value: encodeEntry(entry) }, letter);
    const given = ['replay', tables.place(3, entries()), '--by', 'ann'];
    expect(await tables.run(...given)).toMatchObject({ exitCode: 0 });
    expect(await tables.rows('select id from signature_entries')).toEqual([{ id: entry.entryId }]);
    expect(await tables.resolutions()).toEqual([[3, 'replayed']]);
    await tables.rows('truncate dead_letters, recorded_entries');
    await upsertEntries(tables.deployment.store.database, [{ ...entry, message: 'another' }]);
    await tables.leaveLetter(3, { key: null, value: encodeEntry(entry) }, letter);
    expect(await tables.run(...given)).toMatchObject({ exitCode: 1, output: expect.stringContaining('another entry') });
    expect(await tables.resolutions()).toEqual([[3, null]]);
  });
});

async function waitingForLocks(): Promise<number> {
  const waiting = `datname = current_database() and wait_event_type = 'Lock'`;
  return (await tables.rows(`select from pg_stat_activity where ${waiting}`)).length;
}

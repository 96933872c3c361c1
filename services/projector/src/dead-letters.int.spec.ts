import { afterAll, beforeAll, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { encodeEntry } from '@hybrid-sync/domain';
import { runLetterCommand } from './testing/letter-command.js';
import { LetterTables } from './testing/letter-tables.js';
import { entryOf, logOf, revoked } from './testing/records.js';

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

describe('dead-letters.js list', () => {
  it('says that there is none', async () => {
    expect(await tables.run('list')).toEqual({ exitCode: 0, output: 'no unresolved dead letters\n', errors: '' });
  });

  it('shows the unresolved ones, or all, as a table or as JSON', async () => {
    await tables.leaveLetter(3, revoked(log));
    await tables.leaveLetter(4, revoked(log), { topic: tables.deployment.topics.status });
    await tables.leaveLetter(5, revoked(log));
    await tables.rows(`update dead_letters set resolution = 'dismissed', resolved_at = now() where record_offset = 5`);
    const table = (await tables.run('list', '--topic', tables.topic)).output.trimEnd().split('\n');
    expect(table.map((line) => line.split(/ {2,}/)[0])).toEqual(['LETTER', tables.place(3)]);
    expect((await tables.run('list', '--all')).output.split('\n')).toHaveLength(5);
    expect(JSON.parse((await tables.run('list', '--json')).output)).toMatchObject([
      { letter: tables.place(4, tables.deployment.topics.status) },
      { letter: tables.place(3), revocationKey: tables.key, reason: 'a kind that is not known', resolution: null },
    ]);
    expect((await tables.run('list', '--all', '--limit', '2')).output).toMatch(/and more: see --limit\n$/);
  });
});

describe('dead-letters.js show', () => {
  it('shows one as it came', async () => {
    await tables.leaveLetter(3, { key: tables.key, value: '{"schemaVersion":9}', headers: { source: 'realtime' } });
    const { exitCode, output } = await tables.run('show', tables.place(3));
    expect(exitCode).toBe(0);
    expect(output).toMatch(/^value +\{"schemaVersion":9\}$/m);
    expect(output).toMatch(/^header source +realtime$/m);
    expect(JSON.parse((await tables.run('show', tables.place(3), '--json')).output)).toMatchObject([
      { letter: tables.place(3) },
    ]);
  });

  it('shows no signature of an entry', async () => {
    const value = encodeEntry(entryOf(1, { signature: 'the secret', message: 'the secret' }));
    const letter = { topic: entries(), revocationKey: null, key: Buffer.from('x') };
    await tables.leaveLetter(3, { key: 'x', value }, letter);
    const { exitCode, output } = await tables.run('show', tables.place(3, entries()));
    expect(exitCode).toBe(0);
    expect(output).toContain(entryOf(1).entryId);
    expect(output).not.toContain('secret');
  });

  it('ends with 1 where there is no such letter', async () => {
    expect(await tables.run('show', tables.place(3))).toMatchObject({
      exitCode: 1,
      output: 'there is no such dead letter\n',
    });
  });
});

describe('dead-letters.js resolve', () => {
  it('leaves the record out, keeps who did it and why, and says what that means for answers', async () => {
    await tables.leaveLetter(3, revoked(log));
    const { exitCode, output } = await tables.run('resolve', tables.place(3), '--by', 'ann', '--note', 'noise');
    expect(exitCode).toBe(0);
    expect(output).toMatch(/^dismissed\nThe read model holds no revocation of .*"not revoked" may be said of it/);
    expect(
      await tables.rows('select resolution, resolved_by, note, resolved_at is null as open from dead_letters'),
    ).toEqual([{ resolution: 'dismissed', resolved_by: 'ann', note: 'noise', open: false }]);
  });

  it('says so where the key is revoked, and where other letters keep answers back', async () => {
    await tables.haveRow(log);
    await tables.leaveLetter(3, revoked(log));
    await tables.leaveLetter(4, revoked(log), { key: null, revocationKey: null });
    expect((await tables.run('resolve', tables.place(3), '--by', 'ann', '--note', 'x')).output).toContain(
      '"revoked" goes on',
    );
    await tables.leaveLetter(5, revoked(log), { key: null, revocationKey: null });
    expect((await tables.run('resolve', tables.place(4), '--by', 'ann', '--note', 'x')).output).toContain(
      '1 more unresolved',
    );
    expect((await tables.run('resolve', tables.place(5), '--by', 'ann', '--note', 'x')).output).toContain(
      `all keys of partition ${tables.partition}`,
    );
  });

  it('is refused the second time', async () => {
    await tables.leaveLetter(3, revoked(log));
    await tables.run('resolve', tables.place(3), '--by', 'ann', '--note', 'noise');
    const second = await tables.run('resolve', tables.place(3), '--by', 'bob', '--note', 'noise');
    expect(second).toMatchObject({
      exitCode: 1,
      output: expect.stringMatching(/^it is resolved: dismissed by ann at/),
    });
  });

  it('asks which, where the topic was made again', async () => {
    await tables.leaveLetter(3, revoked(log));
    await tables.leaveLetter(3, revoked(log), { incarnation: 'another' });
    const given = ['resolve', tables.place(3), '--by', 'ann', '--note', 'noise'];
    expect(await tables.run(...given)).toMatchObject({ exitCode: 1, output: expect.stringContaining('another') });
    expect(await tables.run(...given, '--incarnation', 'another')).toMatchObject({ exitCode: 0 });
    expect(
      await tables.rows(`select incarnation = 'another' as chosen from dead_letters where resolution is not null`),
    ).toEqual([{ chosen: true }]);
  });

  it('explains itself where it is not understood, and does nothing', async () => {
    await tables.leaveLetter(3, revoked(log));
    for (const args of [['resolve', tables.place(3), '--by', 'ann'], ['remove', tables.place(3)], []]) {
      const { exitCode, output, errors } = await tables.run(...args);
      expect([exitCode, output]).toEqual([2, '']);
      expect(errors).toContain('Usage: dead-letters.js');
    }
    expect(await tables.resolutions()).toEqual([[3, null]]);
    expect(await tables.run('--help')).toMatchObject({ exitCode: 0, output: expect.stringContaining('Usage') });
  });
});

describe('dead-letters.js without what it needs', () => {
  it('says which variables are missing, and repeats no secret', async () => {
    const { exitCode, output } = await runLetterCommand(['list'], {});
    expect(exitCode).toBe(1);
    expect(output).toContain('DATABASE_URL');
    const away = { DATABASE_URL: 'postgres://ann:hunter22@127.0.0.1:1/none' };
    const refused = await runLetterCommand(['list'], away);
    expect(refused.exitCode).toBe(1);
    expect(refused.output + refused.errors).not.toContain('hunter22');
  });
});

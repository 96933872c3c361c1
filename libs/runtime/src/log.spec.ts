import { describe, expect, it } from '@jest/globals';
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

const built = pathToFileURL(join(import.meta.dirname, '../dist/log.js')).href;

/** The log writes to the standard output of its process. */
function written(options: object, statements: string): string {
  const program = `import { createLog } from '${built}';
    const log = createLog({ service: 'x', level: 'info', secrets: [], ...${JSON.stringify(options)} });
    ${statements}`;
  return spawnSync(process.execPath, ['--input-type=module', '-e', program], { encoding: 'utf8' }).stdout;
}

describe('the log', () => {
  it('writes one JSON line with time, level and service for each event', () => {
    const [line, rest] = written({}, `log.info({ block: 7 }, 'ready'); log.debug('not this')`).split('\n');
    expect(JSON.parse(line ?? '')).toEqual({
      level: 'info',
      time: expect.stringMatching(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/),
      service: 'x',
      block: 7,
      msg: 'ready',
    });
    expect(rest).toBe('');
  });

  it('masks a secret wherever it turns up', () => {
    const secrets = ['c4n4ry', 'postgres://u:c4n4ry@db/x', 'quo"ted\\c4n4ry'];
    const text = written(
      { secrets },
      `const [key, url, quoted] = ${JSON.stringify(secrets)};
       log.warn({ error: new Error('refused by ' + url, { cause: new Error(key) }), [key]: { deep: [quoted] } }, key);`,
    );
    expect(text).not.toContain('c4n4ry');
    expect(text).toContain('refused by [secret]');
    expect(text).not.toContain('postgres://');
  });

  it('leaves nothing over of a secret that begins with another one', () => {
    const text = written({ secrets: ['abcd', 'abcd-efgh'] }, `log.info('key abcd-efgh')`);
    expect(text).toContain('"msg":"key [secret]"');
  });

  it('escapes what could forge a line', () => {
    const text = written({}, `log.info({ agent: 'a\\n{"level":"fatal"}\\u001b[31m' }, 'seen')`);
    expect(text.trimEnd().split('\n')).toHaveLength(1);
    expect(text).not.toContain('\u001b');
  });
});

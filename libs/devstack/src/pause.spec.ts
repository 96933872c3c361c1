import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { afterAll, describe, expect, it } from '@jest/globals';
import { pauseProcess, resumeProcess } from './pause.js';

const echo = spawn(process.execPath, ['-e', 'process.stdin.pipe(process.stdout)'], {
  stdio: ['pipe', 'pipe', 'inherit'],
});
const pid = echo.pid ?? 0;

afterAll(() => {
  echo.kill('SIGKILL');
});

async function answerTo(text: string): Promise<string> {
  const answer = once(echo.stdout, 'data');
  echo.stdin.write(text);
  return String(await answer);
}

describe('pauseProcess', () => {
  it('resolves when the process does nothing any more, until it is resumed', async () => {
    expect(await answerTo('before')).toBe('before');
    await pauseProcess(pid);
    const answer = answerTo('meanwhile');
    const first = await Promise.race([answer, new Promise((resolve) => setTimeout(resolve, 200, 'silence'))]);
    resumeProcess(pid);
    expect(first).toBe('silence');
    expect(await answer).toBe('meanwhile');
  });

  it('refuses a process that does not exist', async () => {
    await expect(pauseProcess(2 ** 30)).rejects.toThrow(/ESRCH|EINVAL/);
  });
});

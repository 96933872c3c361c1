import { describe, expect, it } from '@jest/globals';
import { createLog } from './log.js';
import { untilAvailable } from './until-available.js';

const log = createLog({ service: 'x', level: 'silent', secrets: [] });
const { signal } = new AbortController();

/** Fails so many times, then succeeds; counts the attempts. */
function failing(times: number): { attempts: number; attempt: () => Promise<string> } {
  const state = {
    attempts: 0,
    attempt: (): Promise<string> => {
      state.attempts += 1;
      return state.attempts <= times ? Promise.reject(new Error('connection refused')) : Promise.resolve('there');
    },
  };
  return state;
}

describe('what is not available yet', () => {
  it('is tried again until it is', async () => {
    const state = failing(2);
    expect(await untilAvailable('database', state.attempt, { log, signal })).toBe('there');
    expect(state.attempts).toBe(3);
  });

  it('is given up at once where waiting does not help', async () => {
    const state = failing(9);
    const permanent = (error: unknown): boolean => error instanceof Error && error.message === 'connection refused';
    await expect(untilAvailable('chain', state.attempt, { log, signal, permanent })).rejects.toThrow('refused');
    expect(state.attempts).toBe(1);
  });

  it('is given up when the process stops', async () => {
    const stopping = new AbortController();
    const state = failing(Infinity);
    const waiting = untilAvailable('chain', state.attempt, { log, signal: stopping.signal });
    stopping.abort(new Error('stopping'));
    await expect(waiting).rejects.toThrow(/stopping|refused/);
    expect(state.attempts).toBe(1);
  });
});

import { describe, expect, it } from '@jest/globals';
import { ReachedWaiters } from './reached-waiters.js';

describe('waiting for a position', () => {
  it('ends when every partition has got there', async () => {
    const position = new Map([
      [0, 5],
      [1, 0],
    ]);
    const waiters = new ReachedWaiters(() => position);
    let reached = false;
    const waiting = waiters
      .wait(
        't',
        new Map([
          [0, 5],
          [1, 2],
        ]),
      )
      .then(() => (reached = true));
    waiters.check('t');
    await Promise.resolve();
    expect(reached).toBe(false);
    position.set(1, 2);
    waiters.check('t');
    await waiting;
  });

  it('ends at once when the position is already there, or nothing is waited for', async () => {
    const waiters = new ReachedWaiters(() => new Map([[0, 5]]));
    await waiters.wait('t', new Map([[0, 4]]));
    await waiters.wait('t', new Map());
  });

  it('is rejected by the abort, by the end, and ever after', async () => {
    const waiters = new ReachedWaiters(() => new Map());
    const abort = new AbortController();
    const aborted = waiters.wait('t', new Map([[0, 1]]), abort.signal);
    abort.abort(new Error('enough'));
    await expect(aborted).rejects.toThrow('enough');
    const ended = waiters.wait('t', new Map([[0, 1]]));
    waiters.end(new Error('over'));
    await expect(ended).rejects.toThrow('over');
    await expect(waiters.wait('t', new Map())).rejects.toThrow('over');
  });
});

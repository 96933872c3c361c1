import { describe, expect, it } from '@jest/globals';
import { InTurn } from './in-turn.js';

describe('work in turn', () => {
  it('begins when what came before has ended, however that ended', async () => {
    const turns = new InTurn();
    const first = Promise.withResolvers<string>();
    const begun: string[] = [];
    const work = (name: string, result: Promise<string>) => (): Promise<string> => {
      begun.push(name);
      return result;
    };
    const one = turns.do(work('one', first.promise));
    const two = turns.do(work('two', Promise.resolve('second')));
    await Promise.resolve();
    expect(begun).toEqual(['one']);
    first.reject(new Error('broken'));
    await expect(one).rejects.toThrow('broken');
    expect(await two).toBe('second');
  });
});

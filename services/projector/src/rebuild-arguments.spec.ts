import { describe, expect, it } from '@jest/globals';
import { rebuildArguments } from './rebuild-arguments.js';

describe('the command line of rebuild.js', () => {
  it('asks for a rebuild, or for the former generation', () => {
    expect(rebuildArguments([])).toEqual({ kind: 'rebuild', reason: null });
    expect(rebuildArguments(['--switch-back'])).toEqual({ kind: 'switch-back', reason: null });
  });

  it('may say why', () => {
    expect(rebuildArguments(['--reason', ' a new parser '])).toEqual({ kind: 'rebuild', reason: 'a new parser' });
    expect(rebuildArguments(['--switch-back', '--reason=it lacks rows'])).toEqual({
      kind: 'switch-back',
      reason: 'it lacks rows',
    });
  });

  it.each([[['--switchback']], [['now']], [['--reason']], [['--reason', ' ']], [['--reason', 'x'.repeat(201)]]])(
    'is refused where it is %p',
    (args) => {
      expect(rebuildArguments(args).kind).toBe('invalid');
    },
  );
});

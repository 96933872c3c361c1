import { describe, expect, it } from '@jest/globals';
import { Problem } from './problem.js';
import { WriteKeys } from './write-keys.js';

const keys = new WriteKeys(['first-key', 'schlüssel']);

function refusal(headers: Readonly<Record<string, string>>): Problem['details'] {
  try {
    keys.callerOf(headers);
  } catch (error) {
    if (error instanceof Problem) return error.details;
    throw error;
  }
  throw new Error('let through');
}

describe('the keys that may write', () => {
  it('are taken from X-API-Key or from a bearer token, any of them', () => {
    const callers = [
      keys.callerOf({ 'x-api-key': 'first-key' }),
      keys.callerOf({ authorization: 'Bearer first-key' }),
      keys.callerOf({ 'x-api-key': 'schlüssel' }),
    ];
    expect(callers[0]).toMatch(/^key:[0-9a-f]{8}$/);
    expect(callers[1]).toBe(callers[0]);
    expect(callers[2]).not.toBe(callers[0]);
  });

  it('are not told to the audit log', () => {
    expect(keys.callerOf({ 'x-api-key': 'first-key' })).not.toContain('first');
  });

  it.each([
    {},
    { 'x-api-key': '' },
    { 'x-api-key': 'f' },
    { 'x-api-key': 'first-ke' },
    { 'x-api-key': 'first-key ' },
    { 'x-api-key': 'FIRST-KEY' },
    { 'x-api-key': 'x'.repeat(10_000) },
    { authorization: 'Basic first-key' },
    { authorization: 'bearer' },
    { 'x-api-key': 'wrong', authorization: 'Bearer first-key' },
  ])('are refused with one and the same answer otherwise: %j', (headers) => {
    expect(refusal(headers)).toEqual({
      status: 401,
      code: 'unauthorized',
      title: 'This needs a valid API key',
      headers: { 'www-authenticate': 'Bearer' },
    });
  });

  it('are not needed where there are none', () => {
    expect(new WriteKeys([]).callerOf({})).toBe('anonymous');
  });
});

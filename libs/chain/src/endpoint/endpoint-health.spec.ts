import { describe, expect, it } from '@jest/globals';
import { EndpointHealth } from './endpoint-health.js';

function health(): { readonly it: EndpointHealth; readonly pass: (ms: number) => number } {
  let now = 1_000;
  const pass = (ms: number): number => (now += ms);
  return { it: new EndpointHealth({ clock: () => now, random: () => 1 }), pass };
}

describe('an endpoint that fails', () => {
  it.each([
    ['unreachable', [100, 200, 400, 800, 1_600, 3_200, 5_000, 5_000, 5_000]],
    ['rate-limited', [100, 200, 400, 800, 1_600, 3_200, 6_400, 12_800, 15_000]],
  ] as const)('as %s is left alone for longer and longer, until it answers', (kind, expected) => {
    const { it: endpoint, pass } = health();
    const pauses = [];
    for (let failures = 0; failures < 9; failures += 1) {
      endpoint.failed(kind, pass(endpoint.waitMs));
      pauses.push(endpoint.waitMs);
    }
    expect(pauses).toEqual(expected);
    expect(endpoint.up).toBe(false);
    endpoint.answered(pass(endpoint.waitMs));
    expect([endpoint.up, endpoint.waitMs]).toEqual([true, 0]);
    endpoint.failed('too-slow', pass(1));
    expect(endpoint.waitMs).toBe(100);
  });

  it('is blamed once for calls that failed together', () => {
    const { it: endpoint, pass } = health();
    const began = pass(0);
    for (let call = 0; call < 8; call += 1) endpoint.failed('unreachable', began);
    pass(10);
    endpoint.failed('unreachable', began);
    expect(endpoint.waitMs).toBe(90);
  });

  it('is not cleared by a call from before', () => {
    const { it: endpoint, pass } = health();
    const began = pass(0);
    endpoint.failed('unreachable', pass(5));
    endpoint.answered(began);
    expect(endpoint.up).toBe(false);
  });

  it('is left alone for as long as it asks, and a little longer', () => {
    const { it: endpoint, pass } = health();
    endpoint.failed('rate-limited', pass(0), 7_000);
    expect(endpoint.waitMs).toBe(7_700);
    endpoint.failed('rate-limited', pass(0), 100);
    expect(endpoint.waitMs).toBe(7_700);
  });

  it.each(['refused', 'too-wide', 'too-dense', 'too-large', 'unknown-block', 'pruned', 'unsupported'] as const)(
    'is not one that gives an answer that is %s',
    (kind) => {
      const { it: endpoint, pass } = health();
      endpoint.failed(kind, pass(0));
      expect([endpoint.up, endpoint.waitMs, endpoint.score]).toEqual([true, 0, 1]);
    },
  );

  it('scores below one that answers, and is forgiven in time', () => {
    const { it: endpoint, pass } = health();
    endpoint.failed('malformed', pass(0));
    const after = endpoint.score;
    expect(after).toBe(0.5);
    pass(60_000);
    expect(endpoint.score).toBe(0.75);
    endpoint.failed('malformed', pass(0));
    endpoint.failed('malformed', pass(0));
    expect(endpoint.score).toBeLessThan(after);
    const low = endpoint.score;
    endpoint.answered(pass(1));
    expect(endpoint.score).toBeGreaterThan(low);
  });
});

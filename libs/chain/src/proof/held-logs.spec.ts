import { describe, expect, it } from '@jest/globals';
import { holdingLogs } from './held-logs.js';
import { RpcError } from '../endpoint/rpc-error.js';
import { logIn } from '../testing/wire-shapes.js';
import type { StampedLog } from '../reading/wire.js';

const thousand: readonly StampedLog[] = Array.from({ length: 1000 }, (_, index) => ({
  ...logIn(1, index),
  address: '0x',
  removed: false,
}));

function holdThousands(count: number, toBlock: number): void {
  const hold = holdingLogs({ fromBlock: 1, toBlock });
  for (let held = 0; held < count; held += 1) hold(thousand);
}

describe('the logs of a range', () => {
  it('are held up to 10,000', () => {
    expect(() => {
      holdThousands(10, 2);
    }).not.toThrow();
  });

  it('are refused as too large beyond that, so that a smaller range is read', () => {
    expect(() => {
      holdThousands(11, 2);
    }).toThrow(new RpcError('too-large', 'eth_getLogs', 'the range holds more logs than are held at once'));
  });

  it('are held however many there are where the range cannot be smaller', () => {
    expect(() => {
      holdThousands(50, 1);
    }).not.toThrow();
  });
});

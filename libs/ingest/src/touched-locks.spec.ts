import { describe, expect, it } from '@jest/globals';
import type { LogRecord } from '@hybrid-sync/kafka';
import { hashOf } from '../../domain/src/testing/arbitraries.js';
import { TouchedLocks } from './touched-locks.js';

function recordsOf(...keys: readonly string[]): readonly LogRecord[] {
  const place = { topic: 'revocations', partition: 0, offset: 0, timestamp: 0, value: null, headers: {} };
  return keys.map((key) => ({ ...place, key: Buffer.from(key) }));
}

const keyOf = (lock: number): string => `${lock}-${hashOf(lock)}`;

describe('the locks that were touched', () => {
  it('are those of all records, whoever wrote them, and of no unreadable key', () => {
    const touched = new TouchedLocks();
    touched.note(recordsOf(keyOf(7), keyOf(7), 'nonsense', keyOf(9)));
    touched.note([...recordsOf(keyOf(3)), ...recordsOf('x').map((record) => ({ ...record, key: null }))]);
    expect(touched.due(100)).toEqual(new Set([7n, 9n, 3n]));
  });

  it('stay until the head at which they were read has become final and was compared', () => {
    const touched = new TouchedLocks();
    touched.note(recordsOf(keyOf(7)));
    expect(touched.due(100)).toEqual(new Set([7n]));
    touched.compared(99);
    touched.note(recordsOf(keyOf(8)));
    expect(touched.due(110)).toEqual(new Set([7n, 8n]));
    touched.compared(100);
    expect(touched.due(120)).toEqual(new Set([8n]));
    touched.compared(110);
    expect(touched.due(120)).toEqual(new Set());
  });

  it('are all of them where they are too many to be named', () => {
    const touched = new TouchedLocks(2);
    touched.note(recordsOf(keyOf(1), keyOf(2), keyOf(3), keyOf(4)));
    expect(touched.due(100)).toBe('all');
    touched.compared(100);
    expect(touched.due(100)).toEqual(new Set());
  });

  it('are not forgotten while nothing becomes final', () => {
    const touched = new TouchedLocks();
    for (let lock = 0; lock < 200; lock += 1) {
      touched.note(recordsOf(keyOf(lock)));
      touched.due(100 + lock);
    }
    touched.compared(299 - 1);
    expect(touched.due(300)).toEqual(expect.objectContaining({ size: 151 }));
    touched.compared(299);
    expect(touched.due(300)).toEqual(new Set());
  });
});

import { describe, expect, it } from '@jest/globals';
import type { LogRecord } from '@hybrid-sync/kafka';
import { deadLetterOf, deadLetterRecord } from './dead-letter.js';

function recordOf(fields: Partial<LogRecord> = {}): LogRecord {
  const place = { topic: 'revocations', partition: 3, offset: 77, timestamp: 0 };
  return { ...place, key: Buffer.from('1-0xab'), value: Buffer.from('{'), headers: {}, ...fields };
}

describe('a dead letter', () => {
  it('holds the record as it came, where it came from and why it is here', () => {
    const value = Buffer.from([0xff, 0x00, 0x01]);
    const headers = { source: Buffer.from('realtime'), raw: Buffer.from([0xff]) };
    const letter = deadLetterOf(recordOf({ value, headers }), '1-0xab', 'not JSON');
    expect(letter).toMatchObject({ revocationKey: '1-0xab', value, headers: { source: 'cmVhbHRpbWU=', raw: '/w==' } });
    expect(deadLetterRecord(letter)).toEqual({
      key: '1-0xab',
      value,
      headers: {
        ...headers,
        'dead-letter-topic': 'revocations',
        'dead-letter-partition': '3',
        'dead-letter-offset': '77',
        'dead-letter-reason': 'not JSON',
        'dead-letter-key-base64': Buffer.from('1-0xab').toString('base64'),
        'dead-letter-null': '',
      },
    });
  });

  it('tells a key or value that is not there from an empty one', () => {
    const absent = deadLetterRecord(deadLetterOf(recordOf({ key: null, value: null }), null, 'x'));
    expect(absent).toMatchObject({ key: '', headers: { 'dead-letter-null': 'key,value' } });
    const empty = deadLetterRecord(deadLetterOf(recordOf({ key: Buffer.alloc(0), value: Buffer.alloc(0) }), null, 'x'));
    expect(empty).toMatchObject({ key: '', headers: { 'dead-letter-null': '' } });
  });

  it('has a key that is not text in base64', () => {
    const letter = deadLetterOf(recordOf({ key: Buffer.from([0xff, 0xfe]) }), null, 'x');
    expect(deadLetterRecord(letter)).toMatchObject({ key: '//4=', headers: { 'dead-letter-key-base64': '//4=' } });
  });

  it.each([
    ['value', { value: Buffer.alloc(1_000_000) }],
    ['key', { key: Buffer.alloc(1_000_000) }],
    ['header', { headers: { large: Buffer.alloc(1_000_000) } }],
  ])('leaves a %s out that no record of the topic could hold', (_, fields) => {
    const letter = deadLetterOf(recordOf(fields), '1-0xab', 'x');
    expect(deadLetterRecord(letter)).toMatchObject({
      key: '',
      value: '',
      headers: { 'dead-letter-too-large': 'true' },
    });
  });

  it('has no name of a header that the database would refuse', () => {
    const letter = deadLetterOf(recordOf({ headers: { 'a\u0000b': Buffer.from('x') } }), null, 'x');
    expect(letter.headers).toEqual({ 'a\ufffdb': 'eA==' });
  });
});

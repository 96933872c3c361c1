import { createRequire } from 'node:module';
import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import fc from 'fast-check';
import { crc32c } from './crc32c.js';
import { encodeProduceRequest, type ProduceRequest } from './produce-request.js';

const load = createRequire(import.meta.url);

beforeAll(() => {
  jest.useFakeTimers({ now: 1_700_000_000_000 });
});

afterAll(() => {
  jest.useRealTimers();
});

/** The same request by the driver's own encoder. */
async function asTheDriver(request: ProduceRequest): Promise<Buffer> {
  const create: unknown = load('kafkajs/src/protocol/requests/produce/v7/request');
  const made: unknown = typeof create === 'function' ? Reflect.apply(create, undefined, [request]) : undefined;
  if (!isEncodable(made)) throw new Error('kafkajs has no produce request');
  return (await made.encode()).buffer;
}

function isEncodable(made: unknown): made is { encode(): Promise<{ readonly buffer: Buffer }> } {
  return typeof made === 'object' && made !== null && 'encode' in made;
}

const bytes = fc.uint8Array({ maxLength: 300 }).map((array) => Buffer.from(array));
const text = fc.string({ unit: 'binary', maxLength: 200 });
const message = fc.record({
  key: text,
  value: fc.oneof(text, bytes),
  headers: fc.dictionary(text, fc.oneof(text, bytes), { maxKeys: 4, noNullPrototype: true }),
});
const partition = fc.record({
  partition: fc.nat(100),
  firstSequence: fc.nat(2 ** 31 - 1),
  messages: fc.array(message, { minLength: 1, maxLength: 200, size: 'medium' }),
});
const request = fc.record({
  acks: fc.constant(-1),
  timeout: fc.nat(100_000),
  producerId: fc.bigInt({ min: 0n, max: 2n ** 63n - 1n }).map(String),
  producerEpoch: fc.nat(32_767),
  topicData: fc.array(fc.record({ topic: fc.constant('a-topic'), partitions: fc.array(partition, { maxLength: 4 }) }), {
    maxLength: 3,
  }),
});

describe('a produce request', () => {
  it('has the bytes that the driver would send', async () => {
    await fc.assert(
      fc.asyncProperty(request, async (one) => {
        expect(encodeProduceRequest(one, Date.now())).toEqual(await asTheDriver(one));
      }),
      { numRuns: 50 },
    );
  });

  it('has the same bytes when it is large', async () => {
    const messages = [1_000, 70_000, 200_000].map((length) => ({ key: 'k', value: 'x'.repeat(length) }));
    const topicData = [{ topic: 't', partitions: [{ partition: 0, firstSequence: 0, messages }] }];
    const large = { acks: -1, timeout: 1, producerId: '1', producerEpoch: 0, topicData };
    expect(encodeProduceRequest(large, Date.now()).equals(await asTheDriver(large))).toBe(true);
  });

  it('is guarded by CRC-32C', () => {
    expect(crc32c(Buffer.from('123456789')) >>> 0).toBe(0xe3069283);
  });
});

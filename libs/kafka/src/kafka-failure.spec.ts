import { describe, expect, it } from '@jest/globals';
import kafkajs from 'kafkajs';
import { failureName, mayPass } from './kafka-failure.js';

const { KafkaJSError, KafkaJSNonRetriableError, KafkaJSConnectionError, KafkaJSGroupCoordinatorNotFound } = kafkajs;

describe('a failure of the driver', () => {
  it('may pass when the broker is only away, however often the driver has wrapped it', () => {
    const refused = new KafkaJSConnectionError('refused', { broker: 'b' });
    const wrapped = new KafkaJSNonRetriableError(refused, { cause: refused });
    expect(mayPass(new KafkaJSNonRetriableError(wrapped, { cause: wrapped }))).toBe(true);
    expect(mayPass(new KafkaJSGroupCoordinatorNotFound('none'))).toBe(true);
    expect(mayPass(new KafkaJSError('any', { retriable: true }))).toBe(true);
  });

  it('does not pass when it is a defect, ours or the driver says so', () => {
    expect(mayPass(new TypeError('undefined is not a function'))).toBe(false);
    expect(mayPass(new KafkaJSNonRetriableError('no'))).toBe(false);
    expect(mayPass(new KafkaJSNonRetriableError('x', { cause: new RangeError('y') }))).toBe(false);
    expect(mayPass('text')).toBe(false);
  });

  it('is named after its root', () => {
    expect(failureName(new KafkaJSNonRetriableError('x', { cause: new RangeError('y') }))).toBe('RangeError');
    expect(failureName('text')).toBe('text');
  });
});

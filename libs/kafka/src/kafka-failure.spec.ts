import { describe, expect, it } from '@jest/globals';
import kafkajs from 'kafkajs';
import { failureName, mayPass } from './kafka-failure.js';

/** As the driver's retry loops wrap what they give up on. */
function given(up: Error): Error {
  return Object.assign(new kafkajs.KafkaJSNonRetriableError(up), { cause: up });
}

describe('a failure of the driver', () => {
  it('may pass when the broker is only away, however often the driver has wrapped it', () => {
    const refused = Object.assign(new kafkajs.KafkaJSNonRetriableError('refused'), { name: 'KafkaJSConnectionError' });
    expect(mayPass(given(given(refused)))).toBe(true);
    expect(mayPass(new kafkajs.KafkaJSError('any', { retriable: true }))).toBe(true);
  });

  it('may pass when the group has moved on', () => {
    const type = 'UNKNOWN_MEMBER_ID';
    expect(mayPass(new kafkajs.KafkaJSProtocolError(Object.assign(new Error(type), { type, retriable: false })))).toBe(
      true,
    );
  });

  it('does not pass when it is a defect, or when the driver says so', () => {
    expect(mayPass(new TypeError('undefined is not a function'))).toBe(false);
    expect(mayPass(new kafkajs.KafkaJSNonRetriableError('no'))).toBe(false);
    expect(mayPass(given(new RangeError('y')))).toBe(false);
    expect(mayPass('text')).toBe(false);
  });

  it('is named after its root', () => {
    expect(failureName(given(new RangeError('y')))).toBe('RangeError');
    expect(failureName('text')).toBe('text');
  });
});

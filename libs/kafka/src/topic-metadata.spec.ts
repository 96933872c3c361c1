import { describe, expect, it } from '@jest/globals';
import { decodeMetadataResponse, encodeMetadataRequest, noTopicId } from './topic-metadata.js';

const hex = (...parts: readonly string[]): Buffer => Buffer.from(parts.join('').replaceAll(' ', ''), 'hex');
const id = '0123456789abcdef0123456789abcdef';
const zero = '00'.repeat(16);
const broker = '00000001 0a 3132372e302e302e31 00002384 00 00';
const replicas = '02 00000001';
const partition = (index: string): string => `0000 ${index} 00000001 00000000 ${replicas} ${replicas} 01 00`;
const topic = (name: string, topicId: string, rest: string): string => `0000 ${name} ${topicId} 00 ${rest} 80000000 00`;

describe('a metadata request', () => {
  it('asks for topics by name, makes none, and ends in no tagged fields', () => {
    expect(encodeMetadataRequest(['ab', 'c'])).toEqual(
      hex('00', '03', zero, '03 6162 00', zero, '02 63 00', '00 00 00', '00'),
    );
  });

  it('takes names that need more than one byte for their length', () => {
    expect(encodeMetadataRequest(['x'.repeat(249)]).subarray(18, 21)).toEqual(hex('fa 01 78'));
  });
});

describe('a metadata response', () => {
  const head = `00 00000007 02 ${broker} 02 6b 00000001`;

  it('gives the id of each topic as Kafka prints it, and how many partitions it has', () => {
    const partitions = `03 ${partition('00000000')} ${partition('00000001')}`;
    const response = hex(head, '03', topic('02 61', id, partitions), topic('02 62', zero, '01'), '80000000', '00');
    expect(decodeMetadataResponse(response)).toEqual({
      clientSideThrottleTime: 7,
      topics: [
        { topic: 'a', errorCode: 0, topicId: 'ASNFZ4mrze8BI0VniavN7w', partitions: 2 },
        { topic: 'b', errorCode: 0, topicId: noTopicId, partitions: 0 },
      ],
    });
  });

  it('passes over the fields of later versions', () => {
    const tagged = '02 05 01 ff 81 01 02 ffff';
    const response = hex(
      `01 00 02 abcd 00000000 01 00 00000001 02 0003 02 61 ${id} 00 01 80000000 ${tagged} 80000000 00`,
    );
    expect(decodeMetadataResponse(response).topics).toEqual([
      { topic: 'a', errorCode: 3, topicId: 'ASNFZ4mrze8BI0VniavN7w', partitions: 0 },
    ]);
  });
});

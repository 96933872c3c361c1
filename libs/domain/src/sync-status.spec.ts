import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { maxMismatches } from './audit.js';
import { parseStatusRecord } from './status-record.js';
import { encodeComponentStatus, type ComponentStatus } from './sync-status.js';
import {
  anyCount,
  anyHash,
  anyOffsets,
  anyUint256,
  lockIdOf,
  anySeconds,
  encodeUtf8,
  hashOf,
  identity,
  plainClaims,
} from './testing/arbitraries.js';
import { changed } from './testing/wire.js';

const block = (number: number) => ({ number, hash: hashOf(number), timestamp: 1_700_000_000 });
const status: ComponentStatus = {
  component: 'ingest-realtime',
  deployment: { ...identity, startBlock: 100, startBlockHash: hashOf(100) },
  head: block(200),
  finalized: block(136),
  syncing: false,
  coverage: {
    coveredFrom: 150,
    coveredTo: 200,
    coveredToHash: hashOf(200),
    coveredToTimestamp: 1_700_000_000,
    settledTo: 136,
    offsets: new Map([
      [3, 7],
      [0, 12],
    ]),
  },
  finalityViolation: null,
  ...plainClaims,
};
describe('a component status on the topic', () => {
  it('is this very text', () => {
    expect(encodeComponentStatus(status)).toBe(
      '{"schemaVersion":1,"kind":"component","component":"ingest-realtime",' +
        `"chainId":11155111,"contract":"${identity.contract}","startBlock":100,"startBlockHash":"${hashOf(100)}",` +
        `"head":{"number":200,"hash":"${hashOf(200)}","timestamp":"2023-11-14T22:13:20Z"},` +
        `"finalized":{"number":136,"hash":"${hashOf(136)}","timestamp":"2023-11-14T22:13:20Z"},"syncing":false,` +
        `"coveredFrom":150,"coveredTo":200,"coveredToHash":"${hashOf(200)}","coveredToTimestamp":"2023-11-14T22:13:20Z",` +
        '"settledTo":136,"offsets":{"0":12,"3":7},"finalityViolation":null,' +
        '"proof":"none","windowOffsets":{},"audit":null,"missing":null}',
    );
  });

  it('names the finality violation that was accepted, and only where there was one', () => {
    const acceptedViolation = { blockNumber: 90, expectedHash: hashOf(90), actualHash: hashOf(91) };
    const text = encodeComponentStatus({ ...status, acceptedViolation });
    expect(text).toContain(`"acceptedViolation":{"blockNumber":90,"expectedHash":"${hashOf(90)}"`);
    const parsed = parseStatusRecord(encodeUtf8('ingest-realtime'), encodeUtf8(text));
    expect(parsed).toMatchObject({ kind: 'component', status: { acceptedViolation, finalityViolation: null } });
    expect(encodeComponentStatus({ ...status, acceptedViolation: null })).toBe(encodeComponentStatus(status));
  });

  it('names the incarnation of the revocation topic, last, and only where it is known', () => {
    const topicIncarnation = 'ASNFZ4mrze8BI0VniavN7w 3=500';
    const text = encodeComponentStatus({ ...status, topicIncarnation });
    expect(text).toBe(
      encodeComponentStatus(status).replace(/}$/, ',"topicIncarnation":"ASNFZ4mrze8BI0VniavN7w 3=500"}'),
    );
    expect(parse('ingest-realtime', text)).toMatchObject({ kind: 'component', status: { topicIncarnation } });
    expect(encodeComponentStatus({ ...status, topicIncarnation: null })).toBe(encodeComponentStatus(status));
    const nulled = parse('ingest-realtime', changed(text, 'topicIncarnation', null));
    expect(nulled).toEqual({ kind: 'component', status });
  });

  it('is the same text whatever the order of fields it was made from', () => {
    const violation = { blockNumber: 90, expectedHash: hashOf(90), actualHash: hashOf(91) };
    const reversed = { actualHash: hashOf(91), expectedHash: hashOf(90), blockNumber: 90 };
    expect(encodeComponentStatus({ ...status, finalityViolation: reversed })).toBe(
      encodeComponentStatus({ ...status, finalityViolation: violation }),
    );
  });

  it('is read back as the status it was written from', () => {
    fc.assert(
      fc.property(anyStatus, (any) => {
        expect(parse(any.component, encodeComponentStatus(any))).toEqual({ kind: 'component', status: any });
      }),
    );
  });

  it.each(['coveredFrom', 'coveredTo', 'coveredToHash', 'coveredToTimestamp', 'settledTo'])(
    'covers nothing where %s is not said',
    (field) => {
      const parsed = parse('ingest-realtime', changed(encodeComponentStatus(status), field, null));
      expect(parsed).toMatchObject({ kind: 'component', status: { coverage: null } });
    },
  );

  it.each(['proof', 'windowOffsets', 'audit', 'missing'] as const)(
    'claims nothing more where %s is not said',
    (field) => {
      const parsed = parse(
        'ingest-realtime',
        changed(encodeComponentStatus({ ...status, proof: 'receipts' }), field, undefined),
      );
      expect(parsed).toMatchObject({ kind: 'component', status: { [field]: plainClaims[field] } });
    },
  );

  it.each([
    ['schemaVersion', 2],
    ['component', 'projector'],
    ['chainId', 0],
    ['head', null],
    ['coveredTo', -1],
    ['coveredToHash', '0x1'],
    ['offsets', { '01': 1 }],
    ['syncing', 'yes'],
    ['finalityViolation', {}],
    ['proof', 'faith'],
    ['audit', { blockNumber: 1 }],
    ['audit', 'clean'],
    ['topicIncarnation', ''],
    ['topicIncarnation', 7],
    ['surplus', 1],
  ])('is malformed where %s is %p', (field, value) => {
    expect(parse('ingest-realtime', changed(encodeComponentStatus(status), field, value))).toEqual({
      kind: 'malformed',
      reason: expect.stringMatching(/./),
    });
  });
});

const anyBlock = fc.record({ number: anyCount, hash: anyHash, timestamp: anySeconds });
const anyStatus: fc.Arbitrary<ComponentStatus> = fc.record({
  component: fc.constantFrom('ingest-realtime' as const, 'ingest-batch' as const),
  deployment: fc.record({
    chainId: fc.integer({ min: 1 }),
    contract: fc.constant(identity.contract),
    startBlock: anyCount,
    startBlockHash: anyHash,
  }),
  head: anyBlock,
  finalized: anyBlock,
  syncing: fc.boolean(),
  coverage: fc.option(
    fc.record({
      coveredFrom: anyCount,
      coveredTo: anyCount,
      coveredToHash: anyHash,
      coveredToTimestamp: anySeconds,
      settledTo: anyCount,
      offsets: anyOffsets,
    }),
  ),
  finalityViolation: fc.option(fc.record({ blockNumber: anyCount, expectedHash: anyHash, actualHash: anyHash })),
  proof: fc.constantFrom('receipts' as const, 'bloom' as const, 'none' as const),
  windowOffsets: anyOffsets,
  audit: fc.option(
    fc.oneof(
      fc.constant('pending' as const),
      fc.record({
        blockNumber: anyCount,
        locks: anyCount,
        mismatched: anyCount,
        mismatches: fc.array(fc.record({ lockId: anyUint256.map(lockIdOf), onContract: anyCount, onTopic: anyCount }), {
          maxLength: maxMismatches,
        }),
        finding: fc.option(fc.string()),
      }),
    ),
  ),
  missing: fc.option(fc.record({ fromBlock: anyCount, toBlock: anyCount })),
});
function parse(key: string, value: string): ReturnType<typeof parseStatusRecord> {
  return parseStatusRecord(encodeUtf8(key), encodeUtf8(value));
}

import { describe, expect, it } from '@jest/globals';
import { retractedHeaders, revokedHeaders, type Provenance } from './record-headers.js';
import { hashOf, identity, revocationLog } from './testing/arbitraries.js';

const traceparent = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01';
const realtime: Provenance = { source: 'realtime', finality: 'included', traceparent };
const log = revocationLog();
const key = `12345-${hashOf(0xabc)}`;

describe('headers of a revoked record', () => {
  it('carry provenance and the CloudEvents attributes', () => {
    expect(revokedHeaders(log, identity, realtime)).toEqual({
      source: 'realtime',
      finality: 'included',
      traceparent,
      'content-type': 'application/json',
      ce_specversion: '1.0',
      ce_id: `11155111:${hashOf(0x1000)}:5`,
      ce_source: `eip155:11155111:${identity.contract}`,
      ce_type: 'hybrid-sync.signature.revoked.v1',
      ce_subject: key,
      ce_time: '2023-11-14T22:13:20Z',
      ce_dataschema: 'urn:hybrid-sync:schema:signature-revoked:1',
    });
  });

  it('have the same event id whoever publishes the log', () => {
    const batch = revokedHeaders(log, identity, { source: 'batch', finality: 'finalized', traceparent });
    expect(batch['ce_id']).toBe(revokedHeaders(log, identity, realtime)['ce_id']);
    expect(batch['source']).toBe('batch');
  });
});

describe('headers of a retracted record', () => {
  it('have an event id of their own and no time', () => {
    const headers = retractedHeaders({ ...log, reason: 'reorg' }, identity, realtime);
    expect(headers).toMatchObject({
      ce_id: `11155111:${hashOf(0x1000)}:5:retracted`,
      ce_type: 'hybrid-sync.signature.retracted.v1',
      ce_subject: key,
      ce_dataschema: 'urn:hybrid-sync:schema:signature-retracted:1',
    });
    expect(headers).not.toHaveProperty('ce_time');
  });
});

import { z } from 'zod';
import { blockTime } from './block.js';
import type { ContractIdentity } from './deployment.js';
import { revocationKey } from './revocation-key.js';
import type { RevocationLog } from './revocation-log.js';
import type { Retraction } from './revocation-record.js';

/** Who published a record. */
export const source = z.enum(['realtime', 'batch', 'force-sync']);
export type Source = z.infer<typeof source>;

/** What a record's headers say beside the log itself. */
export interface Provenance {
  readonly source: Source;
  /** Whether the log's block was final when the record was published. */
  readonly finality: 'included' | 'finalized';
  /** W3C trace context of the step that published it. */
  readonly traceparent: string;
}

export type RecordHeaders = Readonly<Record<string, string>>;

/** Headers of a `revoked` record: provenance and CloudEvents 1.0 binary attributes. `ce_id` is the same for the same log. */
export function revokedHeaders(log: RevocationLog, identity: ContractIdentity, provenance: Provenance): RecordHeaders {
  const id = `${identity.chainId}:${log.blockHash}:${log.logIndex}`;
  return { ...common(identity, provenance), ...cloudEvent(id, 'revoked', log), ce_time: blockTime(log.blockTimestamp) };
}

/** As {@link revokedHeaders}, for a retraction. It has no `ce_time`: no block says when a log ceased to stand. */
export function retractedHeaders(
  retraction: Retraction,
  identity: ContractIdentity,
  provenance: Provenance,
): RecordHeaders {
  const id = `${identity.chainId}:${retraction.blockHash}:${retraction.logIndex}:retracted`;
  return { ...common(identity, provenance), ...cloudEvent(id, 'retracted', retraction) };
}

function common({ chainId, contract }: ContractIdentity, provenance: Provenance): RecordHeaders {
  return {
    source: provenance.source,
    finality: provenance.finality,
    traceparent: provenance.traceparent,
    'content-type': 'application/json',
    ce_specversion: '1.0',
    ce_source: `eip155:${chainId}:${contract}`,
  };
}

function cloudEvent(id: string, kind: 'revoked' | 'retracted', about: RevocationLog | Retraction): RecordHeaders {
  return {
    ce_id: id,
    ce_type: `hybrid-sync.signature.${kind}.v1`,
    ce_subject: revocationKey(about),
    ce_dataschema: `urn:hybrid-sync:schema:signature-${kind}:1`,
  };
}

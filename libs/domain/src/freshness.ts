/** Everything that decides whether "not revoked" may be said. Ages in seconds, by the database's clock. */
export interface Watermark {
  /** Null while coverage has a gap above the start block. */
  readonly asOfBlock: number | null;
  /** Age of the asOf block: since its block time, or since it was first heard of where its time lies in the future. */
  readonly asOfAgeSeconds: number | null;
  readonly finalityViolation: boolean;
  /** An unresolved dead letter of this key, or of its partition where the dead record's key cannot be read. */
  readonly deadLetter: boolean;
  /** What the last comparison of the topic with the contract's own counts left to doubt. */
  readonly audit: AuditDoubt | null;
  /** The revocation topic is not what it must be: its partitions or what it keeps were changed. */
  readonly topicMisconfigured: boolean;
}

/** `audit-mismatch`: the counts differ. `audit-pending`: the history is not compared yet. */
export type AuditDoubt = 'audit-mismatch' | 'audit-pending';

export interface FreshnessPolicy {
  /** 0: no limit, for chains that mine on demand. */
  readonly maxStalenessSeconds: number;
}

export type UnprovenReason =
  'not-synced' | 'stale' | 'finality_violation' | 'dead-letter' | 'topic-misconfigured' | AuditDoubt;

/** Why "not revoked" must not be said; empty where it is proven. */
export function unprovenReasons(watermark: Watermark, policy: FreshnessPolicy): readonly UnprovenReason[] {
  const reasons: UnprovenReason[] = [];
  if (watermark.asOfBlock === null) reasons.push('not-synced');
  else if (isStale(watermark.asOfAgeSeconds, policy)) reasons.push('stale');
  if (watermark.finalityViolation) reasons.push('finality_violation');
  if (watermark.audit !== null) reasons.push(watermark.audit);
  if (watermark.topicMisconfigured) reasons.push('topic-misconfigured');
  if (watermark.deadLetter) reasons.push('dead-letter');
  return reasons;
}

function isStale(ageSeconds: number | null, { maxStalenessSeconds }: FreshnessPolicy): boolean {
  return maxStalenessSeconds > 0 && (ageSeconds === null || ageSeconds >= maxStalenessSeconds);
}

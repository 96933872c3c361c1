import { readCanonicalRevoked } from './canonical-revoked.js';
import type { ContractIdentity } from './deployment.js';
import { decodeUtf8, describeProblems, parseJson } from './json.js';
import { parseRevocationKey, revocationKey, type RevocationIdentity } from './revocation-key.js';
import { signatureRevokedTopic } from './revocation-log.js';
import { revocationRecord, type RevocationRecord, type RevokedRecord } from './revocation-record.js';

export type ParsedRevocationRecord =
  | { readonly kind: 'record'; readonly key: string; readonly record: RevocationRecord }
  | { readonly kind: 'tombstone'; readonly key: string; readonly identity: RevocationIdentity }
  /** The key is null where it cannot be read. */
  | { readonly kind: 'malformed'; readonly key: string | null; readonly reason: string };

/**
 * Parses one record of the revocation topic and checks it against its own key and topics and against the contract the
 * topic is about. A null value is a tombstone: somebody outside this system wrote it.
 */
export function parseRevocationRecord(
  key: Uint8Array | null,
  value: Uint8Array | null,
  expected: ContractIdentity,
): ParsedRevocationRecord {
  const keyText = key === null ? null : decodeUtf8(key);
  const valueText = value === null ? null : decodeUtf8(value);
  const record = readCanonicalRevoked(keyText ?? '', valueText ?? '', expected);
  if (keyText !== null && record !== null) return { kind: 'record', key: keyText, record };
  return parseAnyRevocationRecord(keyText, value, expected);
}

/** The same, of any spelling. @param key the text of the key, or null where it is not UTF-8 */
export function parseAnyRevocationRecord(
  key: string | null,
  value: Uint8Array | null,
  expected: ContractIdentity,
): ParsedRevocationRecord {
  const identity = key === null ? null : parseRevocationKey(key);
  if (key === null || identity === null) return malformed(null, 'the key is not lockId-signatureHash');
  if (value === null) return { kind: 'tombstone', key, identity };
  const json = parseJson(value);
  if (json === undefined) return malformed(key, 'the value is not JSON');
  const parsed = revocationRecord.safeParse(json);
  if (!parsed.success) return malformed(key, describeProblems(parsed.error));
  const problem = contradictionOf(parsed.data, key, expected);
  return problem === null ? { kind: 'record', key, record: parsed.data } : malformed(key, problem);
}

function malformed(key: string | null, reason: string): ParsedRevocationRecord {
  return { kind: 'malformed', key, reason };
}

function contradictionOf(record: RevocationRecord, key: string, expected: ContractIdentity): string | null {
  if (record.chainId !== expected.chainId) return `the record is of chain ${record.chainId}`;
  if (record.contract !== expected.contract) return `the record is of contract ${record.contract}`;
  if (revocationKey(record) !== key) return 'the key does not belong to the value';
  if (record.kind === 'retracted') return null;
  return saysTheSame(record) ? null : 'the topics do not say what the fields say';
}

/** The fields are canonical, so the topics that say the same are known letter by letter. */
function saysTheSame({ topics: [event, lock, signature, owner], ...record }: RevokedRecord): boolean {
  return (
    event === signatureRevokedTopic &&
    lock === `0x${record.lockId.toString(16).padStart(64, '0')}` &&
    signature === record.signatureHash &&
    owner === `0x${'0'.repeat(24)}${record.owner.slice(2)}`
  );
}

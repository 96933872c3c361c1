import { z } from 'zod';
import { auditCommand, auditCommandStatusRecord, type AuditCommand, type AuditCommandStatus } from './audit-command.js';
import { backfillCommand, backfillStatusRecord, type BackfillCommand, type BackfillStatus } from './backfill.js';
import { decodeUtf8, describeProblems, parseJson } from './json.js';
import { rebuildCommand, type RebuildCommand } from './rebuild-command.js';
import { componentStatusOf, componentStatusRecord, type ComponentStatus } from './sync-status.js';

const statusRecord = z.discriminatedUnion('kind', [
  componentStatusRecord,
  backfillStatusRecord,
  auditCommandStatusRecord,
]);
const commandRecord = z.discriminatedUnion('kind', [backfillCommand, auditCommand, rebuildCommand]);

export type ParsedStatusRecord =
  | { readonly kind: 'component'; readonly status: ComponentStatus }
  | { readonly kind: 'backfill'; readonly status: BackfillStatus }
  | { readonly kind: 'audit'; readonly status: AuditCommandStatus }
  | { readonly kind: 'malformed'; readonly reason: string };

/** Parses one record of the sync-status topic. Its key must be the component or the command that it is about. */
export function parseStatusRecord(key: Uint8Array | null, value: Uint8Array | null): ParsedStatusRecord {
  const parsed = statusRecord.safeParse(value === null ? undefined : parseJson(value));
  if (!parsed.success) return { kind: 'malformed', reason: describeProblems(parsed.error) };
  const about = parsed.data.kind === 'component' ? parsed.data.component : parsed.data.commandId;
  if (key === null || decodeUtf8(key) !== about)
    return { kind: 'malformed', reason: 'the key does not belong to the value' };
  const { data } = parsed;
  if (data.kind === 'component') return { kind: 'component', status: componentStatusOf(data) };
  return data.kind === 'backfill' ? { kind: 'backfill', status: data } : { kind: 'audit', status: data };
}

export type ParsedCommandRecord =
  | { readonly kind: 'backfill'; readonly command: BackfillCommand }
  | { readonly kind: 'audit'; readonly command: AuditCommand }
  | { readonly kind: 'rebuild'; readonly command: RebuildCommand }
  | { readonly kind: 'malformed'; readonly reason: string };

/** Parses one record of the sync-commands topic. */
export function parseCommandRecord(key: Uint8Array | null, value: Uint8Array | null): ParsedCommandRecord {
  const parsed = commandRecord.safeParse(value === null ? undefined : parseJson(value));
  if (!parsed.success) return { kind: 'malformed', reason: describeProblems(parsed.error) };
  if (key === null || decodeUtf8(key) !== parsed.data.commandId) {
    return { kind: 'malformed', reason: 'the key does not belong to the value' };
  }
  return commandOf(parsed.data);
}

function commandOf(command: z.infer<typeof commandRecord>): ParsedCommandRecord {
  switch (command.kind) {
    case 'backfill':
      return { kind: 'backfill', command };
    case 'audit':
      return { kind: 'audit', command };
    case 'rebuild':
      return { kind: 'rebuild', command };
  }
}

import { z } from 'zod';
import { encodeAudit, wireAudit, type Audit } from './audit.js';

const commandId = z.uuid();

/** The value of a record of the sync-commands topic that orders an audit of all locks; its key is the command id. */
export const auditCommand = z.strictObject({
  schemaVersion: z.literal(1),
  kind: z.literal('audit'),
  commandId,
  requestedAt: z.iso.datetime(),
  requestedBy: z.string().max(200),
  /** Not taken up after this time; by default it waits as long as the topic keeps it. */
  expiresAt: z.iso.datetime().optional(),
});
export type AuditCommand = z.infer<typeof auditCommand>;

/** What became of an audit command. `succeeded` means that it was compared, not that nothing is wrong. */
export interface AuditCommandStatus {
  readonly commandId: string;
  readonly state: 'running' | 'succeeded' | 'failed';
  /** Once it has succeeded. */
  readonly audit: Audit | null;
  /** Why it failed. */
  readonly reason: string | null;
}

/** The value of a command's record on the sync-status topic; the record's key is the command id. */
export const auditCommandStatusRecord = z.strictObject({
  schemaVersion: z.literal(1),
  kind: z.literal('audit'),
  commandId,
  state: z.enum(['running', 'succeeded', 'failed']),
  audit: wireAudit.nullable(),
  reason: z.string().nullable(),
});

/** Byte-identical for equal statuses: the field order is fixed here. */
export function encodeAuditCommandStatus({ commandId: id, state, audit, reason }: AuditCommandStatus): string {
  return JSON.stringify({
    schemaVersion: 1,
    kind: 'audit',
    commandId: id,
    state,
    audit: encodeAudit(audit),
    reason,
  });
}

export function encodeAuditCommand(command: Omit<AuditCommand, 'schemaVersion' | 'kind'>): string {
  const { commandId: id, requestedAt, requestedBy, expiresAt } = command;
  return JSON.stringify({ schemaVersion: 1, kind: 'audit', commandId: id, requestedAt, requestedBy, expiresAt });
}

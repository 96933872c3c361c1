import { z } from 'zod';

/** The value of a record of the sync-commands topic that orders a new generation of the read model; its key is the command id. */
export const rebuildCommand = z.strictObject({
  schemaVersion: z.literal(1),
  kind: z.literal('rebuild'),
  commandId: z.uuid(),
  requestedAt: z.iso.datetime(),
  requestedBy: z.string().max(200),
  /** Not taken up after this time; by default it waits as long as the topic keeps it. */
  expiresAt: z.iso.datetime().optional(),
});
export type RebuildCommand = z.infer<typeof rebuildCommand>;

/** Byte-identical for equal commands: the field order is fixed here. */
export function encodeRebuildCommand(command: Omit<RebuildCommand, 'schemaVersion' | 'kind'>): string {
  const { commandId, requestedAt, requestedBy, expiresAt } = command;
  return JSON.stringify({ schemaVersion: 1, kind: 'rebuild', commandId, requestedAt, requestedBy, expiresAt });
}

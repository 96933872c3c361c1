import { parseCommandRecord, type RebuildCommand } from '@hybrid-sync/domain';
import type { RecordBatch } from '@hybrid-sync/kafka';

export interface FoldedCommands {
  /** Each id once, in the order they were given, expired ones left out. */
  readonly rebuilds: readonly RebuildCommand[];
  readonly expired: readonly RebuildCommand[];
}

/** The commands that are the projector's; the others, and what nobody can read, are the business of ingest-batch. */
export function foldCommands(batch: RecordBatch, now: number): FoldedCommands {
  const commands = new Map<string, RebuildCommand>();
  for (const { key, value } of batch.records) {
    const parsed = parseCommandRecord(key, value);
    if (parsed.kind !== 'rebuild') continue;
    const { command } = parsed;
    // The first command of an id counts: an id is run once.
    if (!commands.has(command.commandId)) commands.set(command.commandId, command);
  }
  const all = [...commands.values()];
  const isExpired = ({ expiresAt }: RebuildCommand): boolean => expiresAt !== undefined && Date.parse(expiresAt) <= now;
  return { rebuilds: all.filter((command) => !isExpired(command)), expired: all.filter(isExpired) };
}

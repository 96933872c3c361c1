import { parseCommandRecord, type RebuildCommand } from '@hybrid-sync/domain';
import type { RecordBatch } from '@hybrid-sync/kafka';

export interface FoldedCommands {
  /** Each id once, in the order they were given. */
  readonly rebuilds: readonly RebuildCommand[];
  /** Those that nobody has taken up in time. */
  readonly expired: readonly RebuildCommand[];
}

/**
 * The commands that are the projector's; the others, and what nobody can read, are the business of ingest-batch.
 * @param now milliseconds since the epoch
 */
export function foldCommands(batch: RecordBatch, now: number): FoldedCommands {
  const commands = new Map<string, RebuildCommand>();
  for (const { key, value } of batch.records) {
    const parsed = parseCommandRecord(key, value);
    // The first command of an id counts: an id is run once.
    if (parsed.kind !== 'rebuild' || commands.has(parsed.command.commandId)) continue;
    commands.set(parsed.command.commandId, parsed.command);
  }
  const isOpen = ({ expiresAt }: RebuildCommand): boolean => expiresAt === undefined || Date.parse(expiresAt) > now;
  const all = [...commands.values()];
  return { rebuilds: all.filter(isOpen), expired: all.filter((command) => !isOpen(command)) };
}

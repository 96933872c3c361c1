import { decodeUtf8, parseCommandRecord, type AuditCommand, type BackfillCommand } from '@hybrid-sync/domain';
import type { LogRecord } from '@hybrid-sync/kafka';
import { z } from 'zod';

/** A record of the sync-commands topic that is no command. */
export interface RejectedCommand {
  readonly offset: number;
  readonly reason: string;
}

export type Command =
  | { readonly kind: 'backfill'; readonly command: BackfillCommand }
  | { readonly kind: 'audit'; readonly command: AuditCommand }
  /** Garbage under the key of a command: whoever asks for that command's status is to learn why nothing comes of it. */
  | { readonly kind: 'unreadable'; readonly command: { readonly commandId: string; readonly reason: string } };

const commandKey = z.uuid();

/** The commands of the topic, in the order they were given. At every take-over the topic is read again from the first one. */
export class Commands {
  readonly #rejected: (rejected: RejectedCommand) => void;
  readonly #byId = new Map<string, Command>();
  #rejectedTo = -1;

  /** @param rejected called once for each record that is no command */
  constructor(rejected: (rejected: RejectedCommand) => void) {
    this.#rejected = rejected;
  }

  get all(): readonly Command[] {
    return [...this.#byId.values()];
  }

  read(records: readonly LogRecord[]): void {
    for (const record of records) {
      const parsed = parseCommandRecord(record.key, record.value);
      // The projector's.
      if (parsed.kind === 'rebuild') continue;
      if (parsed.kind === 'malformed') this.#reject(record.offset, parsed.reason);
      const command = parsed.kind === 'malformed' ? unreadable(record.key, parsed.reason) : parsed;
      // The first command of an id counts: an id is run once.
      if (command === null || this.#byId.has(command.command.commandId)) continue;
      this.#byId.set(command.command.commandId, command);
    }
  }

  #reject(offset: number, reason: string): void {
    if (offset <= this.#rejectedTo) return;
    this.#rejectedTo = offset;
    this.#rejected({ offset, reason });
  }
}

function unreadable(key: Uint8Array | null, reason: string): Command | null {
  const commandId = commandKey.safeParse(key === null ? null : decodeUtf8(key));
  return commandId.success ? { kind: 'unreadable', command: { commandId: commandId.data, reason } } : null;
}

import type { Audit, AuditCommand, AuditCommandStatus } from '@hybrid-sync/domain';
import type { Ingester } from '@hybrid-sync/ingest';
import type { Commands } from './commands.js';

/** The audit commands of the topic that have no outcome yet. What became of them is said under their ids. */
export class AuditCommands {
  readonly #ingester: Pick<Ingester, 'view' | 'writer'>;
  readonly #commands: Pick<Commands, 'all'>;
  #open: readonly AuditCommand[] = [];

  constructor(ingester: Pick<Ingester, 'view' | 'writer'>, commands: Pick<Commands, 'all'>) {
    this.#ingester = ingester;
    this.#commands = commands;
  }

  /** Whether any is under way. */
  get areOpen(): boolean {
    return this.#open.length > 0;
  }

  /** Takes up what is new, and refuses what has expired. True where anything is new. */
  async takeUp(): Promise<boolean> {
    const waiting = this.#commands.all.flatMap((one) => (one.kind === 'audit' ? [one.command] : []));
    const fresh = waiting.filter((command) => this.#isFresh(command));
    for (const command of fresh) await this.#begin(command);
    // A command is known to be taken up once its status has been read back.
    if (fresh.length > 0) await this.#ingester.view.caughtUp();
    return fresh.length > 0 && this.areOpen;
  }

  async succeeded(audit: Audit): Promise<void> {
    await this.#end({ state: 'succeeded', audit, reason: null });
  }

  async failed(reason: string): Promise<void> {
    await this.#end({ state: 'failed', audit: null, reason });
  }

  /** Another term of the lease begins: what was under way is taken up again. */
  forget(): void {
    this.#open = [];
  }

  #isFresh({ commandId }: AuditCommand): boolean {
    if (this.#open.some((open) => open.commandId === commandId)) return false;
    const status = this.#ingester.view.audit(commandId);
    return status === null || status.state === 'running';
  }

  async #begin(command: AuditCommand): Promise<void> {
    const { commandId, expiresAt } = command;
    const isNew = this.#ingester.view.audit(commandId) === null;
    if (isNew && expiresAt !== undefined && Date.parse(expiresAt) <= this.#ingester.view.brokerTime) {
      await this.#say({ commandId, state: 'failed', audit: null, reason: `the command expired at ${expiresAt}` });
      return;
    }
    await this.#say({ commandId, state: 'running', audit: null, reason: null });
    this.#open = [...this.#open, command];
  }

  async #end(outcome: Omit<AuditCommandStatus, 'commandId'>): Promise<void> {
    if (!this.areOpen) return;
    for (const { commandId } of this.#open) await this.#say({ commandId, ...outcome });
    await this.#ingester.view.caughtUp();
    this.#open = [];
  }

  #say(status: AuditCommandStatus): Promise<void> {
    return this.#ingester.writer.auditStatus(status);
  }
}

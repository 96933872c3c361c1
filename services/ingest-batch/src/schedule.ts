import { hasHole, type BackfillCommand, type BackfillStatus, type Coverage } from '@hybrid-sync/domain';

export type Job =
  | { readonly kind: 'idle' }
  | { readonly kind: 'pass'; readonly reason: 'first' | 'due' | 'hole' }
  | { readonly kind: 'backfill'; readonly command: BackfillCommand; readonly status: BackfillStatus | null };

export interface Situation {
  /** A finality violation was reported and no operator has acted: nothing is published. */
  readonly halted: boolean;
  /** Commands in the order they were given. */
  readonly commands: readonly BackfillCommand[];
  readonly backfill: (commandId: string) => BackfillStatus | null;
  readonly own: Coverage | null;
  readonly realtime: Coverage | null;
  /** Since the end of this process's last pass; null where it has made none. */
  readonly millisecondsSincePass: number | null;
  readonly passIntervalMs: number;
}

/** A hole is looked at again after so long, so that one which cannot be filled does not keep the endpoint busy. */
const holePauseMs = 5_000;

/**
 * What to do next: the first pass, then a pass that is due, then commands in order, then a pass for a hole. A command
 * that fails again and again must not keep the passes from what the chain has added.
 */
export function nextJob(situation: Situation): Job {
  const { own, realtime, millisecondsSincePass: since, passIntervalMs } = situation;
  if (situation.halted) return { kind: 'idle' };
  if (since === null) return { kind: 'pass', reason: 'first' };
  if (since >= passIntervalMs) return { kind: 'pass', reason: 'due' };
  const command = situation.commands.find((candidate) => isOpen(situation.backfill(candidate.commandId)));
  if (command !== undefined) return { kind: 'backfill', command, status: situation.backfill(command.commandId) };
  if (since >= Math.min(holePauseMs, passIntervalMs) && hasHole(realtime, own)) return { kind: 'pass', reason: 'hole' };
  return { kind: 'idle' };
}

/** A command without a status has not been taken up; one that runs was cut short by the end of a process. */
function isOpen(status: BackfillStatus | null): boolean {
  return status === null || status.state === 'running';
}

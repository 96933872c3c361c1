import { hasHole, type BackfillCommand, type BackfillStatus, type Coverage } from '@hybrid-sync/domain';
import type { Command } from './commands.js';

export type PassReason = 'first' | 'due' | 'hole';

export type Job =
  | { readonly kind: 'idle' }
  | { readonly kind: 'pass'; readonly reason: PassReason }
  | { readonly kind: 'backfill'; readonly command: BackfillCommand; readonly status: BackfillStatus | null }
  | { readonly kind: 'refuse'; readonly commandId: string; readonly reason: string };

export interface Situation {
  /** A finality violation was reported and no operator has acted: nothing is published. */
  readonly halted: boolean;
  /** Commands in the order they were given; those to audit wait for a moment in which nothing else is due. */
  readonly commands: readonly Command[];
  readonly backfill: (commandId: string) => BackfillStatus | null;
  readonly own: Coverage | null;
  readonly realtime: Coverage | null;
  /** This process's last pass; null where it has made none. */
  readonly lastPass: LastPass | null;
  readonly passIntervalMs: number;
  /** Since a pass ended at blocks that no endpoint has any more; null where none did. */
  readonly millisecondsSinceMissing: number | null;
  /** The broker's clock, milliseconds since the epoch. */
  readonly brokerTime: number;
}

export interface LastPass {
  readonly millisecondsAgo: number;
  /** Where realtime coverage began when the pass did. */
  readonly realtimeFrom: number | null;
}

/** A hole that a pass has left is looked at again after so long, so that it does not keep the endpoint busy. */
const holePauseMs = 5_000;
/** Endpoints are asked again for blocks that none had after so long. */
const missingPauseMs = 60_000;

/**
 * What to do next: the first pass, then a pass that is due, then commands in order, then a pass for a hole. A command
 * that fails again and again must not keep the passes from what the chain has added.
 */
export function nextJob(situation: Situation): Job {
  if (situation.halted) return { kind: 'idle' };
  const pass = duePass(situation);
  if (pass !== null && pass !== 'hole') return { kind: 'pass', reason: pass };
  for (const command of situation.commands) {
    const job = jobOf(command, situation);
    if (job !== null) return job;
  }
  return pass === null ? { kind: 'idle' } : { kind: 'pass', reason: pass };
}

function duePass({ own, realtime, lastPass, passIntervalMs, millisecondsSinceMissing }: Situation): PassReason | null {
  if (millisecondsSinceMissing !== null && millisecondsSinceMissing < missingPauseMs) return null;
  if (lastPass === null) return 'first';
  if (lastPass.millisecondsAgo >= passIntervalMs || millisecondsSinceMissing !== null) return 'due';
  if (!hasHole(realtime, own)) return null;
  const isNew = realtime?.coveredFrom !== lastPass.realtimeFrom;
  return isNew || lastPass.millisecondsAgo >= Math.min(holePauseMs, passIntervalMs) ? 'hole' : null;
}

/** A command without a status has not been taken up; one that runs was cut short by the end of a process. */
function jobOf({ kind, command }: Command, { backfill, brokerTime }: Situation): Job | null {
  const { commandId } = command;
  const status = backfill(commandId);
  if (kind === 'audit' || (status !== null && status.state !== 'running')) return null;
  if (kind === 'unreadable') return { kind: 'refuse', commandId, reason: command.reason };
  const { expiresAt } = command;
  if (status === null && expiresAt !== undefined && Date.parse(expiresAt) <= brokerTime)
    return { kind: 'refuse', commandId, reason: `the command expired at ${expiresAt}` };
  return { kind: 'backfill', command, status };
}

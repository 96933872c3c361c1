import { z } from 'zod';
import { blockNumber } from './block.js';
import { encodeOffsets, wireOffsets, type OffsetVector } from './offsets.js';

const commandId = z.uuid();

/** The value of a record of the sync-commands topic; the record's key is the command id. */
export const backfillCommand = z.strictObject({
  schemaVersion: z.literal(1),
  kind: z.literal('backfill'),
  commandId,
  /** Inclusive; the start block where it is missing. */
  fromBlock: blockNumber.optional(),
  /** Inclusive; the head at the time the command is taken up where it is missing. */
  toBlock: blockNumber.optional(),
  requestedAt: z.iso.datetime(),
  requestedBy: z.string().max(200),
  /** Not taken up after this time; by default it waits as long as the topic keeps it. */
  expiresAt: z.iso.datetime().optional(),
});
export type BackfillCommand = z.infer<typeof backfillCommand>;

const backfillState = z.enum(['running', 'succeeded', 'failed']);

/** How far a command is. `nextBlock` is the first block not yet republished; `offsets` is what was acknowledged. */
export interface BackfillStatus {
  readonly commandId: string;
  readonly state: z.infer<typeof backfillState>;
  readonly fromBlock: number;
  readonly toBlock: number;
  readonly nextBlock: number;
  readonly published: number;
  readonly retracted: number;
  readonly offsets: OffsetVector;
  /** Why it failed. */
  readonly reason: string | null;
}

/** The value of a command's record on the sync-status topic; the record's key is the command id. */
export const backfillStatusRecord = z.strictObject({
  schemaVersion: z.literal(1),
  kind: z.literal('backfill'),
  commandId,
  state: backfillState,
  fromBlock: blockNumber,
  toBlock: blockNumber,
  nextBlock: blockNumber,
  published: z.int().min(0),
  retracted: z.int().min(0),
  offsets: wireOffsets,
  reason: z.string().nullable(),
});

/** Byte-identical for equal statuses: the field order is fixed here. */
export function encodeBackfillStatus(status: BackfillStatus): string {
  const { commandId: id, state, fromBlock, toBlock, nextBlock, published, retracted, reason } = status;
  const offsets = encodeOffsets(status.offsets);
  const wire: z.input<typeof backfillStatusRecord> = {
    schemaVersion: 1,
    kind: 'backfill',
    commandId: id,
    state,
    fromBlock,
    toBlock,
    nextBlock,
    published,
    retracted,
    offsets,
    reason,
  };
  return JSON.stringify(wire);
}

export function encodeBackfillCommand(command: Omit<BackfillCommand, 'schemaVersion' | 'kind'>): string {
  const { commandId: id, fromBlock, toBlock, requestedAt, requestedBy, expiresAt } = command;
  return JSON.stringify({
    schemaVersion: 1,
    kind: 'backfill',
    commandId: id,
    fromBlock,
    toBlock,
    requestedAt,
    requestedBy,
    expiresAt,
  });
}

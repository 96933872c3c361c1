import { hash32 } from '@hybrid-sync/domain';
import type { ListPosition } from '@hybrid-sync/store';
import { badRequest } from './problem.js';

/** Opaque to callers: where the page before ended. */
export function encodeCursor({ blockNumber, logIndex, signatureHash }: ListPosition): string {
  return Buffer.from(`${blockNumber}:${logIndex}:${signatureHash}`).toString('base64url');
}

export function decodeCursor(cursor: string): ListPosition {
  const text = Buffer.from(cursor, 'base64url').toString();
  const [, blockNumber, logIndex, hash] = /^(\d{1,15}):(\d{1,9}):(0x[0-9a-f]{64})$/.exec(text) ?? [];
  if (hash === undefined) throw badRequest('invalid-query', 'cursor is not one of ours');
  return { blockNumber: Number(blockNumber), logIndex: Number(logIndex), signatureHash: hash32.parse(hash) };
}

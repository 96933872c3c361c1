import type { ListPosition } from '@hybrid-sync/store';
import { badRequest } from './problem.js';

/** Opaque to callers: where the page before ended. */
export function encodeCursor({ blockNumber, logIndex }: ListPosition): string {
  return Buffer.from(`${blockNumber}:${logIndex}`).toString('base64url');
}

export function decodeCursor(cursor: string): ListPosition {
  const [, blockNumber, logIndex] = /^(\d{1,15}):(\d{1,9})$/.exec(Buffer.from(cursor, 'base64url').toString()) ?? [];
  if (blockNumber === undefined || logIndex === undefined)
    throw badRequest('invalid-query', 'cursor is not one of ours');
  return { blockNumber: Number(blockNumber), logIndex: Number(logIndex) };
}

import pg from 'pg';

/** Whether a statement was given up because somebody else held a lock for longer than it may wait. */
export function isLockTimeout(error: unknown): boolean {
  return error instanceof pg.DatabaseError && error.code === '55P03';
}

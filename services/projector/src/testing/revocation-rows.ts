import { openConnection } from '@hybrid-sync/devstack';
import type { Deployment } from './deployment.js';
import { logOf, revoked, type Written } from './records.js';

/** Revocations of lock 1, all in one block. */
export function many(from: number, count: number): readonly Written[] {
  return Array.from({ length: count }, (_, index) => revoked(logOf(1, from + index)));
}

/** As the ingesters publish. */
export async function publish(deployment: Deployment, written: readonly Written[]): Promise<void> {
  const records = written.map(({ key, value, headers = {} }) => ({
    key: String(key),
    value: Buffer.from(value ?? ''),
    headers,
  }));
  await deployment.publisher.publish(deployment.topics.revocations, records);
}

export function keysOf(written: readonly Written[]): unknown[] {
  return written.map(({ key }) => key).sort();
}

/** Of the active generation, as everybody reads them. */
export async function liveKeys(deployment: Deployment): Promise<unknown[]> {
  const rows = await deployment.store.rows(
    `select lock_id || '-0x' || encode(signature_hash, 'hex') as key from revoked_signatures order by 1`,
  );
  return rows.map(({ key }) => key);
}

/** Takes a lock until `end`. */
export async function hold(deployment: Deployment, lock: string): Promise<{ end(): Promise<void> }> {
  const connection = await openConnection(deployment.store.url);
  await connection.query('begin');
  await connection.query(`lock table ${lock}`);
  return { end: () => connection.close() };
}

/** Resolves when some statement waits for a lock. */
export async function somebodyWaits(deployment: Deployment): Promise<void> {
  const waiting = `select from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'`;
  while ((await deployment.store.rows(waiting)).length === 0);
}

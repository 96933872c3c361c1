import { openConnection } from '@hybrid-sync/devstack';
import { untilTrue } from './until-true.js';

/** Holds up whoever reads or writes a table, so that all of them begin at the same moment. */
export interface Gate {
  /** Resolves when so many connections stand before it. */
  untilWaiting(connections: number): Promise<void>;
  /** Gives the moment, of performance.now(). */
  open(): Promise<number>;
  /** Opens it when that has not been done. */
  close(): Promise<void>;
}

const patienceSeconds = 60;

export async function closeGate(databaseUrl: string, table: string): Promise<Gate> {
  const holder = await openConnection(databaseUrl);
  await holder.query('begin');
  await holder.query(`lock table ${table} in access exclusive mode`);
  return {
    untilWaiting: (connections) =>
      untilTrue(
        `${connections} connections stand at the gate`,
        async () => {
          const waiting = await holder.query(
            `select count(distinct pid)::integer as waiting from pg_locks where relation = $1::regclass and not granted`,
            [table],
          );
          return Number(waiting[0]?.['waiting']) >= connections;
        },
        patienceSeconds,
      ),
    open: async () => {
      const opened = performance.now();
      await holder.query('commit');
      return opened;
    },
    close: () => holder.close(),
  };
}

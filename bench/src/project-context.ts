import type { BenchContext } from './scenario.js';

/** What a scenario of the read side needs beside the broker. */
export interface ProjectContext extends BenchContext {
  /** Of a superuser: every side gets a database of its own on this server. */
  readonly databaseUrl: string;
}

import { existsSync, readFileSync } from 'node:fs';
import { parseEnv } from 'node:util';

export type Environment = Readonly<Record<string, string | undefined>>;

/** The only place of this package that touches the environment of the process. */
export function environment(): Environment {
  return process.env;
}

/** The environment of the process over `.env` of the working directory, as the services read it in development. */
export function developmentEnvironment(): Environment {
  return existsSync('.env') ? { ...parseEnv(readFileSync('.env', 'utf8')), ...process.env } : process.env;
}

/** For processes that are started later, such as the workers of jest. */
export function setEnvironment(variables: Readonly<Record<string, string>>): void {
  Object.assign(process.env, variables);
}

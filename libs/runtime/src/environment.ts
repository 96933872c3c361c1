import { existsSync, readFileSync } from 'node:fs';
import { parseEnv } from 'node:util';

export type Environment = Readonly<Record<string, string>>;

export interface ReadEnvironment {
  readonly environment: Environment;
  readonly problems: readonly string[];
}

/**
 * The process's environment, over `.env` of the working directory in development. A variable that is set but empty
 * counts as unset; `X_FILE` names a file (a mounted secret) that holds X.
 */
export function readEnvironment(): ReadEnvironment {
  const own = nonEmpty(process.env);
  const development = own['NODE_ENV'] !== 'production' && existsSync('.env');
  const merged = development ? { ...nonEmpty(parseEnv(readFileSync('.env', 'utf8'))), ...own } : own;
  return resolveFiles(merged);
}

/** Replaces every `X_FILE` by X, read from that file without its final line break. */
export function resolveFiles(environment: Environment): ReadEnvironment {
  const resolved: Record<string, string> = { ...environment };
  const problems: string[] = [];
  for (const [name, path] of Object.entries(environment)) {
    if (!name.endsWith('_FILE')) continue;
    const target = name.slice(0, -'_FILE'.length);
    if (target in environment) problems.push(`${name}: ${target} is set as well; set one of the two`);
    else readSecret(name, path, (secret) => (resolved[target] = secret), problems);
  }
  return { environment: resolved, problems };
}

function readSecret(name: string, path: string, keep: (secret: string) => void, problems: string[]): void {
  try {
    keep(readFileSync(path, 'utf8').replace(/\r?\n$/, ''));
  } catch {
    problems.push(`${name}: the file cannot be read`);
  }
}

function nonEmpty(variables: NodeJS.Dict<string>): Environment {
  return Object.fromEntries(
    Object.entries(variables).flatMap(([name, value]) => (value === undefined || value === '' ? [] : [[name, value]])),
  );
}

import { existsSync, readFileSync } from 'node:fs';
import { parseEnv } from 'node:util';

export type Environment = Readonly<Record<string, string>>;

/**
 * The process's environment, over `.env` of the working directory in development. A variable that is set but empty
 * or blank counts as unset.
 */
export function readEnvironment(): Environment {
  const own = nonEmpty(process.env);
  const development = own['NODE_ENV'] !== 'production' && existsSync('.env');
  return development ? { ...nonEmpty(parseEnv(readFileSync('.env', 'utf8'))), ...own } : own;
}

export type Variable =
  | { readonly kind: 'value'; readonly value: string | undefined }
  | { readonly kind: 'problem'; readonly problem: string };

/**
 * The variable itself, or what the file named by its `_FILE` twin (a mounted secret) holds, without the final line
 * break. An empty file counts as unset.
 */
export function readVariable(name: string, environment: Environment): Variable {
  const path = environment[`${name}_FILE`];
  if (path === undefined) return { kind: 'value', value: environment[name] };
  if (environment[name] !== undefined) return problem(`${name}_FILE: ${name} is set as well; set one of the two`);
  try {
    const text = readFileSync(path, 'utf8').replace(/\r?\n$/, '');
    return { kind: 'value', value: isEmpty(text) ? undefined : text };
  } catch {
    return problem(`${name}_FILE: the file cannot be read`);
  }
}

function problem(text: string): Variable {
  return { kind: 'problem', problem: text };
}

function nonEmpty(variables: NodeJS.Dict<string>): Environment {
  return Object.fromEntries(
    Object.entries(variables).flatMap(([name, value]) =>
      value === undefined || isEmpty(value) ? [] : [[name, value]],
    ),
  );
}

/** Blank too: as a number it would read as 0. */
function isEmpty(value: string): boolean {
  return value.trim() === '';
}

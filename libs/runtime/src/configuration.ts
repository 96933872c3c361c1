import type { z } from 'zod';
import { crossChecks } from './base-config.js';
import { readEnvironment, readVariable, type Environment } from './environment.js';

/** Stands for the upper-case network in the name of a variable: `<NETWORK>_RPC_URL` is `SEPOLIA_RPC_URL` for sepolia. */
const networkPlaceholder = '<NETWORK>';

/** A service's one zod object: its variables, for the documentation too, and what it makes of them. */
export interface ConfigurationSchema<C> {
  readonly variables: Readonly<Record<string, z.ZodType>>;
  readonly schema: z.ZodType<C>;
}

export type Configuration<C> =
  { readonly kind: 'valid'; readonly config: C } | { readonly kind: 'invalid'; readonly problems: readonly string[] };

/** Parses the process's environment. Problems name variables and never repeat a value. */
export function loadConfiguration<C>(schema: ConfigurationSchema<C>): Configuration<C> {
  return parseConfiguration(schema, readEnvironment());
}

/** As {@link loadConfiguration}, from a given environment. All problems are found at once. */
export function parseConfiguration<C>(
  { variables, schema }: ConfigurationSchema<C>,
  environment: Environment,
): Configuration<C> {
  const network = networkVariable(environment['NETWORK']);
  const actual = (name: string): string => name.replace(networkPlaceholder, network);
  const values: Record<string, string | undefined> = {};
  const problems: string[] = [];
  for (const name of Object.keys(variables)) {
    const read = readVariable(actual(name), environment);
    if (read.kind === 'value') values[name] = read.value;
    else problems.push(read.problem);
  }
  crossChecks(values, (name, message) => problems.push(`${actual(name)}: ${message}`));
  const parsed = schema.safeParse(values);
  if (parsed.success && problems.length === 0) return { kind: 'valid', config: parsed.data };
  for (const issue of parsed.error?.issues ?? []) problems.push(describeIssue(issue, actual, values));
  return { kind: 'invalid', problems };
}

function describeIssue(issue: z.core.$ZodIssue, actual: (name: string) => string, values: object): string {
  const name = String(issue.path[0] ?? '');
  const missing = new Map(Object.entries(values)).get(name) === undefined;
  return `${actual(name)}: ${missing ? 'is required' : issue.message}`;
}

function networkVariable(network: string | undefined): string {
  return network === undefined ? networkPlaceholder : network.toUpperCase().replaceAll('-', '_');
}

import type { z } from 'zod';
import { crossChecks } from './base-config.js';
import { readEnvironment, type ReadEnvironment } from './environment.js';

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

/** As {@link loadConfiguration}, from a given environment. */
export function parseConfiguration<C>(
  { variables, schema }: ConfigurationSchema<C>,
  { environment, problems }: ReadEnvironment,
): Configuration<C> {
  const network = networkVariable(environment['NETWORK']);
  const actual = (name: string): string => name.replace(networkPlaceholder, network);
  const values = Object.fromEntries(Object.keys(variables).map((name) => [name, environment[actual(name)]]));
  const issues: string[] = [...problems];
  crossChecks(values, (name, message) => issues.push(`${actual(name)}: ${message}`));
  const parsed = schema.safeParse(values);
  if (parsed.success && issues.length === 0) return { kind: 'valid', config: parsed.data };
  for (const issue of parsed.error?.issues ?? []) issues.push(describeIssue(issue, actual, values));
  return { kind: 'invalid', problems: issues };
}

function describeIssue(issue: z.core.$ZodIssue, actual: (name: string) => string, values: object): string {
  const name = String(issue.path[0] ?? '');
  const missing = new Map(Object.entries(values)).get(name) === undefined;
  return `${actual(name)}: ${missing ? 'is required' : issue.message}`;
}

function networkVariable(network: string | undefined): string {
  return network === undefined ? networkPlaceholder : network.toUpperCase().replaceAll('-', '_');
}

import type { z } from 'zod';
import { crossChecks } from './base-config.js';
import { readEnvironment, readVariable, type Environment } from './environment.js';
import { networkSettings } from './settings.js';

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
  const network = networkVariable(environment);
  const actual = (name: string): string => name.replace(networkPlaceholder, network);
  const values: Record<string, string | undefined> = {};
  const problems = new Map<string, string>();
  for (const name of Object.keys(variables)) {
    const read = readVariable(actual(name), environment);
    if (read.kind === 'value') values[name] = read.value;
    else problems.set(name, read.problem);
  }
  crossChecks(values, (name, message) => problems.set(name, `${actual(name)}: ${message}`));
  const parsed = schema.safeParse(values);
  if (parsed.success && problems.size === 0) return { kind: 'valid', config: parsed.data };
  const issues = (parsed.error?.issues ?? []).filter((issue) => !problems.has(nameOf(issue)));
  const described = issues.map((issue) => describeIssue(issue, actual, values));
  return { kind: 'invalid', problems: [...problems.values(), ...described] };
}

function describeIssue(
  issue: z.core.$ZodIssue,
  actual: (name: string) => string,
  values: Readonly<Record<string, string | undefined>>,
): string {
  const name = nameOf(issue);
  const missing = values[name] === undefined && issue.code !== 'custom';
  return `${actual(name)}: ${missing ? 'is required' : issue.message}`;
}

function nameOf(issue: z.core.$ZodIssue): string {
  return String(issue.path[0] ?? '');
}

/** A malformed name is not repeated: what was put there by mistake may be a secret. */
function networkVariable(environment: Environment): string {
  const read = readVariable('NETWORK', environment);
  const network = networkSettings.NETWORK.safeParse(read.kind === 'value' ? read.value : undefined);
  return network.success ? network.data.toUpperCase().replaceAll('-', '_') : networkPlaceholder;
}

import type { Environment } from './environment.js';

/** What `npm start` has to bring along; the rest is what the environment names. */
export interface StackPlan {
  readonly network: string;
  readonly kafka: boolean;
  readonly postgres: boolean;
  /** Also: the demo contract and its revocations. */
  readonly chain: boolean;
}

/** Throws one line per problem. */
export function planStack(environment: Environment): StackPlan {
  const named = (name: string): boolean =>
    [name, `${name}_FILE`].some((variable) => (environment[variable] ?? '') !== '');
  const network =
    nonEmpty(environment['NETWORK']) ?? ['sepolia', 'mainnet'].find((name) => named(rpcUrlOf(name))) ?? 'local';
  const chain = network === 'local' && !named(rpcUrlOf(network));
  if (!chain) requireNamed(named, [rpcUrlOf(network), `${prefixOf(network)}_CONTRACT_ADDRESS`]);
  return { network, kafka: !named('KAFKA_BROKERS'), postgres: !named('DATABASE_URL'), chain };
}

function requireNamed(named: (name: string) => boolean, names: readonly string[]): void {
  const missing = names.filter((name) => !named(name));
  if (missing.length > 0) throw new Error(missing.map((name) => `${name} is required`).join('\n'));
}

function rpcUrlOf(network: string): string {
  return `${prefixOf(network)}_RPC_URL`;
}

function prefixOf(network: string): string {
  return network.toUpperCase().replaceAll('-', '_');
}

function nonEmpty(text: string | undefined): string | undefined {
  return text === '' ? undefined : text;
}

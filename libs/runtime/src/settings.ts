import { address } from '@hybrid-sync/domain';
import { z } from 'zod';

const port = z.coerce.number().int().min(0).max(65_535);
const positive = z.coerce.number().positive();
const flag = z.enum(['true', 'false']).transform((text) => text === 'true');
const list = z.string().transform((text) =>
  text
    .split(',')
    .map((part) => part.trim())
    .filter(Boolean),
);

/** For every service. */
export const processSettings = {
  LOG_LEVEL: z
    .enum(['trace', 'debug', 'info', 'warn', 'error'])
    .default('info')
    .describe('Least severe log line that is written.'),
  HOST: z
    .string()
    .default('127.0.0.1')
    .describe('Address to listen on. In a container 0.0.0.0; query-api then wants API_KEYS.'),
  SHUTDOWN_GRACE_SECONDS: positive
    .default(10)
    .describe('Seconds a service may take to stop after SIGTERM before it is ended with exit code 1.'),
};

/** @param fallback the default port of the service's /livez, /readyz and /metrics */
export function managementSettings(fallback: number): { MANAGEMENT_PORT: z.ZodDefault<typeof port> } {
  return { MANAGEMENT_PORT: port.default(fallback).describe('Port of /livez, /readyz and /metrics.') };
}

/** Names the chain, for every service. */
export const networkSettings = {
  NETWORK: z
    .string()
    .regex(/^[a-z][a-z0-9-]*$/, 'must be lower-case letters, digits and dashes')
    .describe('The chain: mainnet, sepolia, local, or any other name together with <NETWORK>_CHAIN_ID.'),
  '<NETWORK>_CHAIN_ID': z.coerce
    .number()
    .int()
    .min(1)
    .optional()
    .describe('Chain id. Known for mainnet (1), sepolia (11155111) and local (31337); required for any other network.'),
  '<NETWORK>_CONTRACT_ADDRESS': address.describe('Address of the lock registry contract.'),
  '<NETWORK>_START_BLOCK': z.coerce
    .number()
    .int()
    .min(0)
    .default(0)
    .describe(
      "First block to mirror: the block of the contract's deployment. A later one hides revocations; 0 is safe and slower.",
    ),
};

/** For the services that read the chain. */
export const rpcSettings = {
  '<NETWORK>_RPC_URL': list
    .pipe(z.array(z.string()).min(1, 'must name at least one URL'))
    .superRefine((urls, context) => {
      for (const [index, url] of urls.entries()) {
        const problem = urlProblem(url);
        if (problem !== null) context.addIssue({ code: 'custom', message: `URL ${index + 1} ${problem}` });
      }
      if (!urls.some((url) => url.startsWith('http')))
        context.addIssue({ code: 'custom', message: 'must name at least one http(s) URL' });
    })
    .describe('JSON-RPC endpoints, comma-separated; http(s) for data, ws(s) for the notice of new heads. Secret.'),
  RPC_DEADLINE_SECONDS: positive
    .default(10)
    .describe('Seconds until an answer of an endpoint must be complete. Shorter: other endpoints are asked earlier.'),
  RPC_CONCURRENCY: z.coerce
    .number()
    .int()
    .min(1)
    .default(8)
    .describe('Requests under way at once per endpoint. More: faster first sync, more memory, more refusals.'),
  RPC_REQUESTS_PER_SECOND: z.coerce
    .number()
    .min(0)
    .default(0)
    .describe('Calls per second and endpoint, each of a batch counted, for plans that have such a limit. 0: no limit.'),
};

export interface RpcLimits {
  readonly deadlineMs: number;
  readonly concurrency: number;
  readonly callsPerSecond: number;
}

/** What each endpoint may be asked for at once. */
export function rpcLimitsOf(
  values: Readonly<Record<'RPC_DEADLINE_SECONDS' | 'RPC_CONCURRENCY' | 'RPC_REQUESTS_PER_SECOND', number>>,
): RpcLimits {
  return {
    deadlineMs: values.RPC_DEADLINE_SECONDS * 1_000,
    concurrency: values.RPC_CONCURRENCY,
    callsPerSecond: values.RPC_REQUESTS_PER_SECOND,
  };
}

function urlProblem(text: string): string | null {
  const url = URL.parse(text);
  if (url === null) return 'is not a URL';
  if (!['http:', 'https:', 'ws:', 'wss:'].includes(url.protocol)) return 'must be http, https, ws or wss';
  if (url.username !== '' || url.password !== '') return 'must not hold a user name or password';
  return /^(169\.254\.|\[fe80:|\[::ffff:a9fe:)/i.test(url.hostname) ? 'is a link-local address' : null;
}

/** For every service: where Kafka is and how to log in. */
export const kafkaSettings = {
  KAFKA_BROKERS: list
    .pipe(z.array(z.string().regex(/^[^:\s]+:\d+$|^\[[^\]]+\]:\d+$/, 'must be host:port')).min(1))
    .describe('Bootstrap brokers, host:port, comma-separated.'),
  KAFKA_SSL: flag.default(false).describe('true: TLS, with the certificates that Node trusts (NODE_EXTRA_CA_CERTS).'),
  KAFKA_SASL_MECHANISM: z.enum(['plain', 'scram-sha-256', 'scram-sha-512']).optional().describe('Unset: no login.'),
  KAFKA_SASL_USERNAME: z.string().optional().describe('User name for the login.'),
  KAFKA_SASL_PASSWORD: z.string().optional().describe('Password for the login. Secret.'),
  KAFKA_TOPIC_PREFIX: z
    .string()
    .regex(/^[a-zA-Z0-9._-]{1,150}$/)
    .optional()
    .describe('First part of every topic and group name; the network where it is unset.'),
  KAFKA_TOPICS: z
    .enum(['create', 'verify'])
    .default('create')
    .describe('create: missing topics are made; verify: they must be there. Either way their settings are checked.'),
  KAFKA_REPLICATION_FACTOR: z.coerce
    .number()
    .int()
    .min(1)
    .optional()
    .describe(
      'Copies of each partition of a topic that is made. Unset: 3, or the number of brokers where there are fewer.',
    ),
};

/** For the services of the read side. */
export const databaseSettings = {
  DATABASE_URL: z
    .string()
    .refine((text) => /^postgres(ql)?:$/.test(URL.parse(text)?.protocol ?? ''), 'must be a postgres:// URL')
    .describe('Postgres connection string. Secret.'),
};

/** What of a DATABASE_URL must never be written: the whole, and the password as it is spelt there and as it is. */
export function databaseSecrets(databaseUrl: string): readonly string[] {
  const spelt = URL.parse(databaseUrl)?.password ?? '';
  const plain = new URLSearchParams(`password=${spelt.replaceAll('+', '%2B')}`).get('password');
  return [databaseUrl, spelt, plain ?? ''];
}

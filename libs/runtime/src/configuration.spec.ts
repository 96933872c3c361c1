import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { z } from 'zod';
import { baseConfigOf, baseSettings, type BaseConfig } from './base-config.js';
import { parseConfiguration, type Configuration, type ConfigurationSchema } from './configuration.js';
import { databaseSettings, managementSettings, rpcSettings } from './settings.js';

interface Config extends BaseConfig {
  readonly databaseUrl: string;
  readonly rpcUrls: readonly string[];
}

const variables = { ...baseSettings, ...managementSettings(9100), ...databaseSettings, ...rpcSettings };
const schema: ConfigurationSchema<Config> = {
  variables,
  schema: z.object(variables).transform((values) => ({
    ...baseConfigOf(values),
    databaseUrl: values.DATABASE_URL,
    rpcUrls: values['<NETWORK>_RPC_URL'],
  })),
};

const canary = 'c4n4ry';
const contract = '0x00000000000000000000000000000000C0FFEE00';
const good = {
  NETWORK: 'sepolia',
  SEPOLIA_RPC_URL: `https://one.example/${canary}, wss://two.example/${canary}`,
  SEPOLIA_CONTRACT_ADDRESS: contract,
  KAFKA_BROKERS: 'one:9092,two:9093',
  DATABASE_URL: `postgres://user:${canary}@db/sync`,
};

let directory: string;
const fileOf = async (name: string, text: string): Promise<string> => {
  const path = join(directory, name);
  await writeFile(path, text);
  return path;
};

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'hybrid-sync-configuration-'));
});
afterAll(() => rm(directory, { recursive: true, force: true }));

function parse(changes: Readonly<Record<string, string | undefined>> = {}): Configuration<Config> {
  const environment: Record<string, string> = { ...good };
  for (const [name, value] of Object.entries(changes)) {
    if (value === undefined) Reflect.deleteProperty(environment, name);
    else environment[name] = value;
  }
  return parseConfiguration(schema, environment);
}

function configOf(changes: Readonly<Record<string, string | undefined>> = {}): Config {
  const parsed = parse(changes);
  if (parsed.kind === 'invalid') throw new Error(parsed.problems.join('; '));
  return parsed.config;
}

function problemsOf(changes: Readonly<Record<string, string | undefined>>): readonly string[] {
  const parsed = parse(changes);
  return parsed.kind === 'valid' ? [] : parsed.problems;
}

describe('configuration', () => {
  it('has a default for everything that has a sensible one', () => {
    expect(configOf()).toEqual({
      logLevel: 'info',
      host: '127.0.0.1',
      managementPort: 9100,
      shutdownGraceSeconds: 10,
      network: { name: 'sepolia', chainId: 11_155_111, contract: contract.toLowerCase(), startBlock: 0 },
      kafka: { brokers: ['one:9092', 'two:9093'], ssl: false, topicPrefix: 'sepolia', topics: 'create' },
      databaseUrl: good.DATABASE_URL,
      rpcUrls: [`https://one.example/${canary}`, `wss://two.example/${canary}`],
    });
  });

  it('lists every problem at once, by the names that the operator has set', () => {
    const problems = problemsOf({
      NETWORK: 'my-chain',
      LOG_LEVEL: 'loud',
      MANAGEMENT_PORT: '70000',
      MY_CHAIN_START_BLOCK: '-1',
      MY_CHAIN_CHAIN_ID: '5',
      KAFKA_BROKERS: 'one',
      DATABASE_URL: undefined,
    });
    expect(problems.map((problem) => problem.split(':')[0]).sort()).toEqual([
      'DATABASE_URL',
      'KAFKA_BROKERS',
      'LOG_LEVEL',
      'MANAGEMENT_PORT',
      'MY_CHAIN_CONTRACT_ADDRESS',
      'MY_CHAIN_RPC_URL',
      'MY_CHAIN_START_BLOCK',
    ]);
  });

  it('says of what is not there that it is required, and nothing else', () => {
    const nothing = Object.fromEntries(Object.keys(good).map((name) => [name, undefined]));
    expect([...problemsOf(nothing)].sort()).toEqual([
      '<NETWORK>_CONTRACT_ADDRESS: is required',
      '<NETWORK>_RPC_URL: is required',
      'DATABASE_URL: is required',
      'KAFKA_BROKERS: is required',
      'NETWORK: is required',
    ]);
  });

  it('never repeats a value in a problem', () => {
    const spoilt: Record<string, string> = {};
    for (const name of Object.keys(variables)) spoilt[name.replace('<NETWORK>', 'SEPOLIA')] = `${canary}\u0000 @:/`;
    const problems = problemsOf({ ...spoilt, NETWORK: 'sepolia' });
    expect(problems.length).toBeGreaterThan(8);
    expect(problems.join().toLowerCase()).not.toContain(canary);
    expect(
      problemsOf({ NETWORK: `https://${canary}` })
        .join()
        .toLowerCase(),
    ).not.toContain(canary);
  });
});

describe('a mounted secret', () => {
  it('stands for the variable, without the final line break, for the network as well', async () => {
    const DATABASE_URL_FILE = await fileOf('url', `${good.DATABASE_URL}\n`);
    const NETWORK_FILE = await fileOf('network', 'sepolia\n');
    expect(configOf({ NETWORK: undefined, NETWORK_FILE, DATABASE_URL: undefined, DATABASE_URL_FILE })).toMatchObject({
      databaseUrl: good.DATABASE_URL,
      network: { name: 'sepolia' },
    });
  });

  it('is refused beside the variable itself, and where it cannot be read', async () => {
    const DATABASE_URL_FILE = await fileOf('twin', good.DATABASE_URL);
    expect(problemsOf({ DATABASE_URL_FILE })).toEqual([
      'DATABASE_URL_FILE: DATABASE_URL is set as well; set one of the two',
    ]);
    const problems = problemsOf({ DATABASE_URL: undefined, DATABASE_URL_FILE: join(directory, canary) });
    expect(problems).toContain('DATABASE_URL_FILE: the file cannot be read');
    expect(problems.join()).not.toContain(canary);
  });

  it('is unset where the file is empty', async () => {
    const empty = await fileOf('empty', '\n');
    expect(configOf({ SEPOLIA_START_BLOCK_FILE: empty, MANAGEMENT_PORT_FILE: empty })).toMatchObject({
      managementPort: 9100,
    });
    expect(problemsOf({ DATABASE_URL: undefined, DATABASE_URL_FILE: empty })).toEqual(['DATABASE_URL: is required']);
  });
});

describe('the chain id', () => {
  it('is known for known networks, and given for all others', () => {
    expect(configOf({ SEPOLIA_CHAIN_ID: '11155111' }).network.chainId).toBe(11_155_111);
    const other = { NETWORK: 'my-chain', MY_CHAIN_RPC_URL: 'http://x', MY_CHAIN_CONTRACT_ADDRESS: contract };
    expect(configOf({ ...other, MY_CHAIN_CHAIN_ID: '77' }).network).toMatchObject({ name: 'my-chain', chainId: 77 });
    expect(problemsOf(other)).toEqual(['MY_CHAIN_CHAIN_ID: is required for a network whose chain id is not known']);
  });

  it('must not contradict the network', () => {
    expect(problemsOf({ SEPOLIA_CHAIN_ID: '1' })).toEqual(['SEPOLIA_CHAIN_ID: must be 11155111 for this network']);
  });
});

describe('the login to kafka', () => {
  it('needs name and password with a mechanism', () => {
    expect(problemsOf({ KAFKA_SASL_MECHANISM: 'plain' })).toEqual([
      'KAFKA_SASL_USERNAME: is required with KAFKA_SASL_MECHANISM',
      'KAFKA_SASL_PASSWORD: is required with KAFKA_SASL_MECHANISM',
    ]);
    const login = { KAFKA_SASL_MECHANISM: 'plain', KAFKA_SASL_USERNAME: 'u', KAFKA_SASL_PASSWORD: canary };
    expect(configOf(login).kafka.sasl).toEqual({ mechanism: 'plain', username: 'u', password: canary });
  });
});

describe('an endpoint', () => {
  it.each([
    ['file:///etc/passwd', 'URL 1 must be http, https, ws or wss'],
    [`https://user:${canary}@rpc.example`, 'URL 1 must not hold a user name or password'],
    ['http://169.254.169.254/latest', 'URL 1 is a link-local address'],
    ['http://[fe80::1]/', 'URL 1 is a link-local address'],
    ['http://[::ffff:169.254.169.254]/', 'URL 1 is a link-local address'],
    ['wss://rpc.example', 'must name at least one http(s) URL'],
    ['rpc.example', 'URL 1 is not a URL'],
    [',', 'must name at least one URL'],
  ])('is refused: %s', (url, reason) => {
    const problems = problemsOf({ SEPOLIA_RPC_URL: url });
    expect(problems).toContain(`SEPOLIA_RPC_URL: ${reason}`);
    expect(problems.join()).not.toContain(canary);
  });
});

describe('a database', () => {
  it('is a postgres URL', () => {
    expect(problemsOf({ DATABASE_URL: `mysql://${canary}` })).toEqual(['DATABASE_URL: must be a postgres:// URL']);
  });
});

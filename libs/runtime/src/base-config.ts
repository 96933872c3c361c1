import type { Address } from '@hybrid-sync/domain';
import { z } from 'zod';
import { kafkaSettings, networkSettings, processSettings } from './settings.js';

/** What every service reads. A service's own object spreads these settings and adds its own. */
export const baseSettings = { ...processSettings, ...networkSettings, ...kafkaSettings };

type BaseValues = z.output<z.ZodObject<typeof baseSettings>> & { readonly MANAGEMENT_PORT: number };

export interface BaseConfig {
  readonly logLevel: BaseValues['LOG_LEVEL'];
  readonly host: string;
  readonly managementPort: number;
  readonly shutdownGraceSeconds: number;
  readonly network: NetworkConfig;
  readonly kafka: KafkaConfig;
}

export interface NetworkConfig {
  readonly name: string;
  readonly chainId: number;
  readonly contract: Address;
  readonly startBlock: number;
}

export interface KafkaConfig {
  readonly brokers: readonly string[];
  readonly ssl: boolean;
  readonly sasl?: {
    readonly mechanism: NonNullable<BaseValues['KAFKA_SASL_MECHANISM']>;
    readonly username: string;
    readonly password: string;
  };
  readonly topicPrefix: string;
  readonly topics: 'create' | 'verify';
  /** Unset: as many as there are brokers, 3 at most. */
  readonly replicationFactor?: number;
}

/** To be attached to a service's object: what no single variable can decide. Listed with every other problem. */
export function crossChecks(values: unknown, issue: (name: string, message: string) => void): void {
  const read = z.record(z.string(), z.unknown()).catch({}).parse(values);
  const network = networkSettings.NETWORK.safeParse(read['NETWORK']);
  const chain = network.success ? chainIdOf(network.data, read['<NETWORK>_CHAIN_ID']) : 0;
  if (typeof chain === 'string') issue('<NETWORK>_CHAIN_ID', chain);
  if (read['KAFKA_SASL_MECHANISM'] === undefined) return;
  for (const name of ['KAFKA_SASL_USERNAME', 'KAFKA_SASL_PASSWORD']) {
    if (read[name] === undefined) issue(name, 'is required with KAFKA_SASL_MECHANISM');
  }
}

/** Of values that passed {@link crossChecks}. It does not throw for others, so that every problem is found at once. */
export function baseConfigOf(values: BaseValues): BaseConfig {
  return {
    logLevel: values.LOG_LEVEL,
    host: values.HOST,
    managementPort: values.MANAGEMENT_PORT,
    shutdownGraceSeconds: values.SHUTDOWN_GRACE_SECONDS,
    network: {
      name: values.NETWORK,
      chainId: Number(chainIdOf(values.NETWORK, values['<NETWORK>_CHAIN_ID'])),
      contract: values['<NETWORK>_CONTRACT_ADDRESS'],
      startBlock: values['<NETWORK>_START_BLOCK'],
    },
    kafka: kafkaConfigOf(values),
  };
}

function kafkaConfigOf(values: BaseValues): KafkaConfig {
  const { KAFKA_SASL_MECHANISM: mechanism, KAFKA_SASL_USERNAME: username, KAFKA_SASL_PASSWORD: password } = values;
  const factor = values.KAFKA_REPLICATION_FACTOR;
  return {
    brokers: values.KAFKA_BROKERS,
    ssl: values.KAFKA_SSL,
    ...(mechanism && username && password ? { sasl: { mechanism, username, password } } : {}),
    topicPrefix: values.KAFKA_TOPIC_PREFIX ?? values.NETWORK,
    topics: values.KAFKA_TOPICS,
    ...(factor === undefined ? {} : { replicationFactor: factor }),
  };
}

const knownChains = new Map<string, number>([
  ['mainnet', 1],
  ['sepolia', 11_155_111],
  ['local', 31_337],
]);

/** The chain id, or what is wrong with it. */
function chainIdOf(network: string, configured: unknown): number | string {
  const known = knownChains.get(network);
  const given = configured === undefined ? null : Number(configured);
  if (known === undefined) return given ?? 'is required for a network whose chain id is not known';
  return given === null || given === known ? known : `must be ${known} for this network`;
}

import kafkajs, { type Kafka, type SASLOptions } from 'kafkajs';
import { installRemedies } from './driver-remedies.js';
import { driverLog, type KafkaLog } from './kafka-log.js';

export interface KafkaSettings {
  /** `host:port` of some brokers; the others are learnt from them. */
  readonly brokers: readonly string[];
  readonly clientId: string;
  readonly ssl: boolean;
  readonly sasl?: {
    readonly mechanism: 'plain' | 'scram-sha-256' | 'scram-sha-512';
    readonly username: string;
    readonly password: string;
  };
}

/** The key to what only this package may touch. */
export const driver = Symbol('kafka driver');

/** Settings made usable. Opens no socket of its own: publishers, readers and members have theirs and close them. */
export interface KafkaConnection {
  readonly [driver]: { readonly kafka: Kafka; readonly log: KafkaLog };
}

/** No attempt hangs for longer than these, in milliseconds. */
const timeouts = { connectionTimeout: 5_000, authenticationTimeout: 10_000, requestTimeout: 15_000 };

export function connectKafka(settings: KafkaSettings, log: KafkaLog): KafkaConnection {
  installRemedies();
  const kafka = new kafkajs.Kafka({
    brokers: [...settings.brokers],
    clientId: settings.clientId,
    ssl: settings.ssl,
    ...(settings.sasl === undefined ? {} : { sasl: saslOptions(settings.sasl) }),
    ...timeouts,
    retry: { retries: 5, initialRetryTime: 100, maxRetryTime: 2_000, factor: 0.2, multiplier: 2 },
    logLevel: kafkajs.logLevel.WARN,
    logCreator: () => driverLog(log),
  });
  return { [driver]: { kafka, log } };
}

/** The driver's type is a union that only a literal mechanism fits. */
function saslOptions({ mechanism, ...login }: NonNullable<KafkaSettings['sasl']>): SASLOptions {
  switch (mechanism) {
    case 'plain':
      return { mechanism, ...login };
    case 'scram-sha-256':
      return { mechanism, ...login };
    case 'scram-sha-512':
      return { mechanism, ...login };
  }
}

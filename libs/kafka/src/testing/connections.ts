import { randomUUID } from 'node:crypto';
import { connectKafka, ensureTopics, type KafkaConnection, type KafkaLog } from '../index.js';

export interface LoggedLine {
  readonly level: 'debug' | 'info' | 'warn' | 'error';
  readonly fields: object;
  readonly message: string;
}

export function recordingLog(lines: LoggedLine[] = []): KafkaLog {
  const at =
    (level: LoggedLine['level']) =>
    (fields: object, message: string): void => {
      lines.push({ level, fields, message });
    };
  return { debug: at('debug'), info: at('info'), warn: at('warn'), error: at('error') };
}

export function connectTo({ brokers }: { readonly brokers: readonly string[] }, log = recordingLog()): KafkaConnection {
  return connectKafka({ brokers, clientId: 'test', ssl: false }, log);
}

export interface NewTopic {
  readonly partitions?: number;
  readonly config?: Readonly<Record<string, string>>;
  readonly replicationFactor?: number;
}

/** A topic nobody else has, with one partition unless said otherwise. */
export async function newTopic(
  kafka: KafkaConnection,
  { partitions = 1, config = {}, replicationFactor = 1 }: NewTopic = {},
): Promise<string> {
  const name = `test-${randomUUID()}`;
  const topic = { name, partitions, config, exact: [], atLeast: [] };
  await ensureTopics(kafka, [topic], { mode: 'create', replicationFactor });
  return name;
}

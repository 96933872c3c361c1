import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePort, inCheckout, javaCommand, mavenClassPath, supervise, type MavenJars } from '@hybrid-sync/devstack';
import { benchProcess, type BenchProcess } from './service-program.js';

/** Kafka Connect with Debezium's JDBC sink. */
export const connectJars: MavenJars = { name: 'connect', pom: inCheckout('bench', 'connect', 'pom.xml') };

export interface SinkOptions {
  readonly brokers: string;
  readonly topic: string;
  readonly databaseUrl: string;
  readonly table: string;
  /** Each reads its share of the partitions over a connection of its own. */
  readonly tasks: number;
}

/** What the sink is told of the records: they are plain JSON. It writes these fields and passes over the others. */
const fields = [
  ['string', 'lockId'],
  ['string', 'signatureHash'],
  ['string', 'owner'],
  ['int64', 'blockNumber'],
  ['string', 'blockHash'],
  ['string', 'blockTimestamp'],
  ['string', 'transactionHash'],
  ['int32', 'logIndex'],
] as const;

/** The table as the sink itself would make it, with a primary key and no other index. */
export function sinkTable(table: string): string {
  const types = { string: 'text', int64: 'bigint', int32: 'integer' } as const;
  const columns = fields.map(([type, name]) => `${name} ${types[type]} not null`);
  return `create table ${table} (id text primary key, ${columns.join(', ')})`;
}

/** A standalone worker in a process of its own, reading the topic from its beginning. */
export async function startSink(options: SinkOptions): Promise<BenchProcess> {
  const directory = await mkdtemp(join(tmpdir(), 'hybrid-sync-bench-'));
  const file = async (name: string, text: string): Promise<string> => {
    await writeFile(join(directory, name), text);
    return join(directory, name);
  };
  const log4j = await file('log4j2.properties', properties(loggingSettings));
  const worker = await file('worker.properties', properties(await workerSettings(options, directory)));
  const connector = await file('connector.properties', properties(connectorSettings(options)));
  const java = ['-Xms1g', '-Xmx2g', `-Dlog4j2.configurationFile=${log4j}`, '-cp', await mavenClassPath(connectJars)];
  const args = [...java, 'org.apache.kafka.connect.cli.ConnectStandalone', worker, connector];
  const sink = benchProcess('the sink', supervise({ program: javaCommand(), args, graceSeconds: 20 }));
  return {
    ...sink,
    close: async () => {
      await sink.close();
      await rm(directory, { recursive: true, force: true });
    },
  };
}

/** Headers are taken as bytes: by default the worker guesses a type for each. */
async function workerSettings({ brokers }: SinkOptions, directory: string): Promise<Record<string, string>> {
  return {
    'bootstrap.servers': brokers,
    'offset.storage.file.filename': join(directory, 'offsets'),
    'offset.flush.interval.ms': '10000',
    listeners: `HTTP://127.0.0.1:${await freePort()}`,
    'header.converter': 'org.apache.kafka.connect.converters.ByteArrayConverter',
    'key.converter': 'org.apache.kafka.connect.storage.StringConverter',
    'value.converter': 'org.apache.kafka.connect.json.JsonConverter',
    'value.converter.schemas.enable': 'true',
    'value.converter.schema.content': JSON.stringify({
      type: 'struct',
      fields: fields.map(([type, field]) => ({ type, field, optional: false })),
    }),
  };
}

const rowsPerBatch = '5000';

/** The fastest of what was tried. Without the reduction buffer no key may come twice in a batch: here none does. */
function connectorSettings({ topic, databaseUrl, table, tasks }: SinkOptions): Record<string, string> {
  const { host, pathname, username, password } = new URL(databaseUrl);
  return {
    name: `sink-${topic}-${table}-${process.pid}-${Date.now()}`,
    'connector.class': 'io.debezium.connector.jdbc.JdbcSinkConnector',
    'tasks.max': String(tasks),
    topics: topic,
    'connection.url': `jdbc:postgresql://${host}${pathname}?reWriteBatchedInserts=true`,
    'connection.username': username,
    'connection.password': password,
    'collection.name.format': table,
    'insert.mode': 'upsert',
    'primary.key.mode': 'record_key',
    'primary.key.fields': 'id',
    transforms: 'key',
    'transforms.key.type': 'org.apache.kafka.connect.transforms.HoistField$Key',
    'transforms.key.field': 'id',
    'schema.evolution': 'none',
    'batch.size': rowsPerBatch,
    'use.reduction.buffer': 'false',
    'dialect.postgres.unnest.insert.enabled': 'true',
    'consumer.override.max.poll.records': rowsPerBatch,
    'consumer.override.fetch.min.bytes': '1000000',
    'consumer.override.max.partition.fetch.bytes': '4194304',
  };
}

const loggingSettings = {
  status: 'off',
  'appender.console.type': 'Console',
  'appender.console.name': 'console',
  'appender.console.layout.type': 'PatternLayout',
  'appender.console.layout.pattern': '%d %p %m (%c)%n%throwable{20}',
  'rootLogger.level': 'warn',
  'rootLogger.appenderRef.console.ref': 'console',
};

function properties(settings: Readonly<Record<string, string>>): string {
  return Object.entries(settings)
    .map(([name, value]) => `${name}=${value}\n`)
    .join('');
}

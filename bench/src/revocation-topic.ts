import { randomUUID } from 'node:crypto';
import {
  encodeRevoked,
  partitionOf,
  revocationKey,
  revocationPartitions,
  revokedHeaders,
  topicContracts,
  topicNames,
  type Provenance,
  type RevocationLog,
} from '@hybrid-sync/domain';
import {
  connectKafka,
  ensureTopics,
  openPublisher,
  type KafkaConnection,
  type OutgoingRecord,
} from '@hybrid-sync/kafka';
import { wholeCell } from './cells.js';
import { identity, locksOf, revocationAt } from './revocation-facts.js';
import type { BenchContext } from './scenario.js';

/** A deployment's topics, with so many revocations on them. */
export interface RevocationTopic {
  readonly prefix: string;
  readonly name: string;
  readonly records: number;
  /** The last record of each partition: with them, everything has been read. */
  readonly last: readonly RevocationLog[];
  /** Every revocation, in the order in which it was published. */
  revocations(): Iterable<RevocationLog>;
}

const recordsPerCall = 5_000;
export const provenance: Provenance = {
  source: 'batch',
  finality: 'finalized',
  traceparent: `00-${'1'.repeat(32)}-${'1'.repeat(16)}-01`,
};

/** Published by the publisher of the ingesters, each revocation under a key of its own. */
export async function fillTopic(
  records: number,
  { brokers, say }: Pick<BenchContext, 'brokers' | 'say'>,
): Promise<RevocationTopic> {
  const begin = performance.now();
  const prefix = `bench-${randomUUID()}`;
  const name = topicNames(prefix).revocations;
  const kafka = connectBench(brokers);
  await ensureTopics(kafka, topicContracts(topicNames(prefix)), { mode: 'create', replicationFactor: 1 });
  const publisher = await openPublisher(kafka);
  const last = new Map<number, RevocationLog>();
  let chunk: OutgoingRecord[] = [];
  for (const log of revocationsOf(records)) {
    chunk.push(recordOf(log));
    last.set(partitionOf(Buffer.from(revocationKey(log)), revocationPartitions), log);
    if (chunk.length === recordsPerCall) {
      await publisher.publish(name, chunk);
      chunk = [];
    }
  }
  await publisher.publish(name, chunk);
  await publisher.close();
  say(`${wholeCell(records)} records published in ${wholeCell(performance.now() - begin)} ms`);
  return { prefix, name, records, last: [...last.values()], revocations: () => revocationsOf(records) };
}

/** The same bytes and headers as those of an ingester. */
export function recordOf(log: RevocationLog): OutgoingRecord {
  return {
    key: revocationKey(log),
    value: encodeRevoked(log, identity),
    headers: revokedHeaders(log, identity, provenance),
  };
}

/** Says nothing but what goes wrong. */
export function connectBench(brokers: string): KafkaConnection {
  const silent = (): void => undefined;
  const complain = (fields: object, message: string): void => {
    process.stderr.write(`${message} ${JSON.stringify(fields)}\n`);
  };
  const settings = { brokers: brokers.split(','), clientId: 'bench', ssl: false };
  return connectKafka(settings, { debug: silent, info: silent, warn: complain, error: complain });
}

function* revocationsOf(records: number): Generator<RevocationLog> {
  const locks = locksOf(records);
  for (let index = 0; index < records; index++) yield revocationAt(index, locks);
}

import {
  address,
  encodeRevoked,
  revocationKey,
  revokedHeaders,
  type ContractIdentity,
  type Provenance,
  type RevocationLog,
} from '@hybrid-sync/domain';
import type { Message } from 'kafkajs';
import { plainKafka } from './topic-tail.js';

/** The driver's own producer with the same guarantees: idempotent, every replica in sync, one send in flight. */
export interface ReferencePublisher {
  publish(logs: readonly RevocationLog[]): Promise<void>;
  close(): Promise<void>;
}

export interface ReferenceTarget {
  readonly brokers: string;
  readonly topic: string;
  readonly contract: string;
}

const recordsPerSend = 2_000;
const provenance: Provenance = {
  source: 'batch',
  finality: 'finalized',
  traceparent: `00-${'1'.repeat(32)}-${'1'.repeat(16)}-01`,
};

/** Connected, on a fresh topic like the real one: what is timed afterwards is publishing alone. */
export async function openReferencePublisher({
  brokers,
  topic,
  contract,
}: ReferenceTarget): Promise<ReferencePublisher> {
  const kafka = plainKafka(brokers);
  const admin = kafka.admin();
  await admin.connect();
  await admin.createTopics({ topics: [{ topic, numPartitions: 8 }], waitForLeaders: true });
  await admin.disconnect();
  const producer = kafka.producer({ idempotent: true, maxInFlightRequests: 1 });
  await producer.connect();
  const identity: ContractIdentity = { chainId: 31_337, contract: address.parse(contract) };
  return {
    publish: async (logs) => {
      for (let from = 0; from < logs.length; from += recordsPerSend) {
        const messages = logs.slice(from, from + recordsPerSend).map((log) => messageOf(log, identity));
        await producer.send({ topic, messages, acks: -1 });
      }
    },
    close: () => producer.disconnect(),
  };
}

/** The same bytes as the ingester's. */
function messageOf(log: RevocationLog, identity: ContractIdentity): Message {
  return {
    key: revocationKey(log),
    value: encodeRevoked(log, identity),
    headers: { ...revokedHeaders(log, identity, provenance) },
  };
}

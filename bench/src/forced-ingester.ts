import { randomUUID } from 'node:crypto';
import { encodeBackfillCommand, topicNames } from '@hybrid-sync/domain';
import type { BenchProcess } from './service-program.js';
import type { StatusTail } from './status-tail.js';
import { plainKafka } from './topic-tail.js';

/** An ingest-batch that has made its first pass. */
export interface ForcedIngester {
  readonly ingester: BenchProcess;
  readonly status: StatusTail;
  readonly brokers: string;
  readonly prefix: string;
  /** Of the whole chain. */
  readonly events: number;
}

/** Milliseconds from the moment the command is sent to the broker's stamp on the record that says it is done. */
export async function timeForceSync({ ingester, status, brokers, prefix, events }: ForcedIngester): Promise<number> {
  const producer = plainKafka(brokers).producer({ idempotent: true });
  await producer.connect();
  const commandId = randomUUID();
  const value = encodeBackfillCommand({ commandId, requestedAt: new Date().toISOString(), requestedBy: 'bench' });
  const begin = Date.now();
  await producer.send({ topic: topicNames(prefix).commands, messages: [{ key: commandId, value }], acks: -1 });
  const done = await ingester.during(
    status.until('the force-sync', (said) => said.kind === 'backfill' && said.status.state !== 'running'),
  );
  await producer.disconnect();
  const { status: said } = done.status.kind === 'backfill' ? done.status : { status: null };
  if (said?.published !== events) throw new Error(`${said?.published ?? 0} of ${events} were published again`);
  return done.at - begin;
}

import { setTimeout as sleep } from 'node:timers/promises';
import { encodeRetracted, retractedHeaders, type RevocationLog } from '@hybrid-sync/domain';
import { openPublisher, type OutgoingRecord } from '@hybrid-sync/kafka';
import { identity, locksOf, revocationAt } from './revocation-facts.js';
import { connectBench, provenance, recordOf, type RevocationTopic } from './revocation-topic.js';

/** A revocation that came after those which the topic was filled with. */
export interface LiveRevocation {
  readonly log: RevocationLog;
  retracted: boolean;
}

/** Revocations that go on coming; some are taken back. */
export interface LiveTraffic {
  /** Those that have been sent. */
  readonly sent: readonly LiveRevocation[];
  close(): Promise<void>;
}

const stepsPerSecond = 10;
/** Of ten records one is a retraction, of a revocation that is so many revocations old. */
const retractEvery = 10;
const retractAfter = 100;

export function startTraffic(topic: RevocationTopic, brokers: string, perSecond: number): LiveTraffic {
  const closing = new AbortController();
  const sent: LiveRevocation[] = [];
  const sending = send(topic, brokers, {
    perStep: Math.max(1, perSecond / stepsPerSecond),
    sent,
    signal: closing.signal,
  });
  return {
    sent,
    close: async () => {
      closing.abort();
      await sending;
    },
  };
}

interface Sending {
  readonly perStep: number;
  readonly sent: LiveRevocation[];
  readonly signal: AbortSignal;
}

async function send(topic: RevocationTopic, brokers: string, { perStep, sent, signal }: Sending): Promise<void> {
  const publisher = await openPublisher(connectBench(brokers));
  const locks = locksOf(topic.records);
  let count = 0;
  while (!signal.aborted) {
    const records: OutgoingRecord[] = [];
    for (let step = 0; step < perStep; step++) {
      const old = count++ % retractEvery === 0 ? sent.at(-retractAfter) : undefined;
      records.push(old === undefined ? revoke(sent, revocationAt(topic.records + sent.length, locks)) : retract(old));
    }
    await publisher.publish(topic.name, records);
    await sleep(1_000 / stepsPerSecond);
  }
  await publisher.close();
}

function revoke(sent: LiveRevocation[], log: RevocationLog): OutgoingRecord {
  sent.push({ log, retracted: false });
  return recordOf(log);
}

function retract(old: LiveRevocation): OutgoingRecord {
  old.retracted = true;
  const { lockId, signatureHash, blockNumber, blockHash, transactionHash, logIndex } = old.log;
  const retraction = {
    lockId,
    signatureHash,
    blockNumber,
    blockHash,
    transactionHash,
    logIndex,
    reason: 'reorg',
  } as const;
  const { key } = recordOf(old.log);
  return {
    key,
    value: encodeRetracted(retraction, identity),
    headers: retractedHeaders(retraction, identity, provenance),
  };
}

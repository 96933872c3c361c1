import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import {
  encodeRevoked,
  revocationKey,
  revocationPartitions,
  topicNames,
  type ComponentStatus,
  type RevocationLog,
  type Window,
} from '@hybrid-sync/domain';
import { ensureTopics, openLogReader, openPublisher, type KafkaConnection, type Publisher } from '@hybrid-sync/kafka';
import { hashOf, identity, plainClaims, revocationLog } from '../../domain/src/testing/arbitraries.js';
import { connectTo } from '../../kafka/src/testing/connections.js';
import { recreateTopic } from '../../kafka/src/testing/recreate-topic.js';
import { ownKafka, type OwnKafka } from '../../kafka/src/testing/test-kafka.js';
import type { OpenReader } from './open-reader.js';
import { StatusReporter } from './status-reporter.js';
import { GivenLease } from './testing/simulated-ingester.js';
import { until } from './testing/until.js';
import { TopicView } from './topic-view.js';
import { TopicWriter } from './topic-writer.js';

const topics = topicNames('view');
const deployment = { ...identity, startBlock: 0, startBlockHash: hashOf(1) };
const oldRecords = 5_000;
const settledTo = 1_000;

let server: OwnKafka;
let kafka: KafkaConnection;
let publisher: Publisher;

beforeAll(async () => {
  server = await ownKafka({ properties: { 'log.cleaner.backoff.ms': '500' } });
  kafka = connectTo(server);
  const config = {
    'cleanup.policy': 'compact',
    'segment.ms': '1000',
    'min.cleanable.dirty.ratio': '0.01',
    'max.compaction.lag.ms': '1000',
  };
  const topic = { config, exact: [], atLeast: [] };
  const wanted = [
    { ...topic, name: topics.revocations, partitions: revocationPartitions },
    { ...topic, name: topics.status, partitions: 1 },
  ];
  await ensureTopics(kafka, wanted, { mode: 'create', replicationFactor: 1 });
  publisher = await openPublisher(kafka);
}, 90_000);

afterAll(async () => {
  await publisher.close();
  await server.close();
});

/** @param readsAll as a process that knows nothing of offsets */
async function opened(readsAll = false): Promise<TopicView> {
  const openReader: OpenReader = (topic, { apply, from }) =>
    openLogReader(kafka, {
      topics: [topic],
      groupPrefix: 'view',
      apply,
      fail: () => undefined,
      ...(from !== undefined && !readsAll && { from: new Map([[topic, from]]) }),
    });
  return TopicView.open({ topics, openReader, deployment, component: 'ingest-realtime', finalizedBlock: settledTo });
}

async function publish(logs: readonly RevocationLog[]): Promise<void> {
  for (let at = 0; at < logs.length; at += 10_000) {
    const records = logs.slice(at, at + 10_000).map((log) => ({
      key: revocationKey(log),
      value: encodeRevoked(log, identity),
      headers: { finality: 'finalized' },
    }));
    await publisher.publish(topics.revocations, records);
  }
}

function logAt(blockNumber: number, index: number): RevocationLog {
  return revocationLog({ blockNumber, blockHash: hashOf(blockNumber), signatureHash: hashOf(0x51600000 + index) });
}

async function say(view: TopicView): Promise<void> {
  const lease = new GivenLease();
  const metrics = { observe: () => undefined, published: () => undefined };
  const made = { publisher, topics, identity: deployment, lease, metrics, view };
  const writer = new TopicWriter({ ...made, outdated: () => undefined });
  view.checked(view.position, view.suspects);
  const head = { number: settledTo, hash: hashOf(1), timestamp: 0 };
  const covered = { coveredFrom: 0, coveredTo: settledTo, coveredToHash: hashOf(1), coveredToTimestamp: 0 };
  const status: ComponentStatus = {
    component: 'ingest-realtime',
    deployment,
    head,
    finalized: head,
    syncing: false,
    coverage: { ...covered, settledTo, offsets: view.covered(new Map()) },
    finalityViolation: null,
    ...plainClaims,
  };
  await new StatusReporter({ writer, lease, view, guard: { unreadyReasons: [] } }).say(status);
}

interface Recovered {
  readonly window: Window;
  readonly read: number;
  readonly milliseconds: number;
}

async function recovered(readsAll = false): Promise<Recovered> {
  const startedAt = performance.now();
  const view = await opened(readsAll);
  const milliseconds = performance.now() - startedAt;
  const window = new Map([...view.window].toSorted());
  const { revision: read } = view;
  await view.close();
  return { window, read, milliseconds };
}

describe('a window on a real broker', () => {
  it('is recovered from offsets without reading what is old', async () => {
    await publish(Array.from({ length: oldRecords }, (_, index) => logAt(1 + (index % settledTo), index)));
    await publish(Array.from({ length: 50 }, (_, index) => logAt(settledTo + 1 + index, oldRecords + index)));
    const view = await opened();
    expect([view.revision, view.window.size]).toEqual([oldRecords + 50, 50]);
    await say(view);
    await view.close();
    const [fromOffsets, fromBeginning] = [await recovered(), await recovered(true)];
    expect(fromOffsets.window).toEqual(fromBeginning.window);
    expect([fromOffsets.read, fromBeginning.read]).toEqual([50, oldRecords + 50]);
    process.stdout.write(
      `window of 50 after ${oldRecords} old records: ${Math.round(fromOffsets.milliseconds)} ms from offsets, ` +
        `${Math.round(fromBeginning.milliseconds)} ms from the beginning\n`,
    );
  }, 180_000);

  it('is the same after compaction has taken what was superseded', async () => {
    const view = await opened();
    for (const round of [1, 2]) {
      await publish(Array.from({ length: 25 }, (_, index) => logAt(settledTo + 100 + round, oldRecords + index)));
      // The broker closes a segment with the first record after segment.ms: there is no condition to ask for.
      await sleep(1_200);
    }
    await publish([logAt(settledTo + 200, oldRecords + 60), logAt(settledTo + 200, oldRecords + 61)]);
    await view.caughtUp();
    await say(view);
    const before = new Map([...view.window].toSorted());
    await view.close();
    const published = oldRecords + 50 + 25 + 25 + 2;
    await until(async () => (await recovered(true)).read < published);
    expect((await recovered()).window).toEqual(before);
    expect((await recovered(true)).window).toEqual(before);
    expect(before.size).toBe(52);
  }, 120_000);

  it('is read from the beginning of a topic that was made again, and what relied on the old one is void', async () => {
    await recreateTopic(kafka, topics.revocations, revocationPartitions);
    await publish([logAt(settledTo + 1, 1)]);
    const view = await opened();
    expect([view.revision, view.window.size]).toEqual([1, 1]);
    expect(view.component('ingest-realtime')).toMatchObject({ coverage: null });
    await view.close();
  }, 60_000);
});

import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { pauseProcess, resumeProcess } from '@hybrid-sync/devstack';
import { joinGroup, type LogRecord, openPublisher } from '../../libs/kafka/src/index.js';
import { connectTo, type LoggedLine, newTopic, recordingLog } from '../../libs/kafka/src/testing/connections.js';
import { type ProxiedKafka, proxiedKafka } from '../../libs/kafka/src/testing/proxied-kafka.js';
import { seeingReader } from '../../libs/kafka/src/testing/readers.js';
import { RecordingHandler } from '../../libs/kafka/src/testing/recording-handler.js';
import { asLines, folded } from '../../libs/kafka/src/testing/seen-records.js';
import { until } from '../../libs/kafka/src/testing/until.js';

const patience = 300_000;
const withinMs = 120_000;
let server: ProxiedKafka;

beforeAll(async () => {
  server = await proxiedKafka();
}, patience);
afterEach(() => {
  for (const proxy of server.proxies) proxy.heal();
});
afterAll(() => server.close(), patience);

const keys = Array.from({ length: 40 }, (_, i) => `k${i}`);

interface Traffic {
  /** Rounds that are acknowledged; each publishes every key once more. */
  readonly rounds: () => number;
  /** How often the publisher and the consumers have said that they try again. */
  readonly retries: () => { readonly publishing: number; readonly consuming: number };
  /** Publishes no more; resolves when everybody has read everything. Gives what the tail and the member have seen. */
  readonly end: () => Promise<{ readonly tailed: readonly LogRecord[]; readonly applied: readonly LogRecord[] }>;
  readonly topic: string;
}

/** Somebody who publishes without a pause, somebody who tails the topic, and a group member. */
async function startTraffic(): Promise<Traffic> {
  const lines: LoggedLine[] = [];
  const kafka = connectTo(server, recordingLog(lines));
  const config = { 'min.insync.replicas': '2', 'unclean.leader.election.enable': 'false' };
  const topic = await newTopic(kafka, { partitions: 6, replicationFactor: 3, config });
  const { reader, seen, failures } = await seeingReader(kafka, topic);
  const handler = new RecordingHandler();
  const fail = (error: Error): void => void failures.push(error);
  const member = await joinGroup(kafka, { groupId: `group.${topic}`, topics: [topic], handler, commit: true, fail });
  const publisher = await openPublisher(kafka);
  let rounds = 0;
  const over = new AbortController();
  const publishing = (async () => {
    while (!over.signal.aborted) {
      const value = String(rounds);
      const records = keys.map((key) => ({ key, value }));
      await publisher.publish(topic, records);
      rounds += 1;
    }
  })();
  const count = (message: string): number => lines.filter((line) => line.message === message).length;
  return {
    topic,
    rounds: () => rounds,
    retries: () => ({
      publishing: count('records could not be published, retrying'),
      consuming: count('broker does not answer a consumer, retrying'),
    }),
    end: async () => {
      over.abort();
      await publishing;
      await reader.caughtUp(AbortSignal.timeout(withinMs));
      const applied = (): readonly LogRecord[] => handler.batches.flatMap(({ records }) => records);
      await until(() => applied().length === seen.length, { withinMs, what: 'the member to have read everything' });
      expect(failures).toEqual([]);
      await Promise.all([reader.close(), member.close(), publisher.close()]);
      return { tailed: seen, applied: applied() };
    },
  };
}

/** What somebody reads who reads the topic for the first time. */
async function readAnew(topic: string): Promise<readonly LogRecord[]> {
  const { reader, seen } = await seeingReader(connectTo(server), topic);
  await reader.caughtUp(AbortSignal.timeout(withinMs));
  await reader.close();
  return seen;
}

/** Nothing lost, nothing read that is not there, and no key's value followed by an earlier one. */
async function expectOneTruth(traffic: Traffic): Promise<void> {
  const rounds = traffic.rounds() + 1;
  const { tailed, applied } = await traffic.end();
  const kept = await readAnew(traffic.topic);
  for (const seen of [tailed, applied]) expect(asLines(seen).toSorted()).toEqual(asLines(kept).toSorted());
  expect(new Set(folded(kept).values()).size).toBe(1);
  expect(Number(folded(kept).get('k0'))).toBeGreaterThanOrEqual(rounds - 1);
  for (const records of Map.groupBy(kept, ({ key }) => String(key)).values()) {
    const values = records.map(({ value }) => Number(value));
    expect(values).toEqual(values.toSorted((a, b) => a - b));
    expect(new Set(values).size).toBe((values.at(-1) ?? -1) + 1);
  }
}

async function moreRounds(traffic: Traffic, count: number): Promise<void> {
  const wanted = traffic.rounds() + count;
  await until(() => traffic.rounds() >= wanted, { withinMs, what: `${count} more rounds` });
}

describe('three brokers, of which two have to acknowledge', () => {
  it(
    'F41: a broker that leads partitions is killed, and started again',
    async () => {
      const traffic = await startTraffic();
      await moreRounds(traffic, 20);
      await server.nodes[0]?.kill();
      await moreRounds(traffic, 20);
      await server.nodes[0]?.start();
      await moreRounds(traffic, 20);
      await expectOneTruth(traffic);
    },
    patience,
  );

  it(
    'F43: a broker that leads partitions stands still until there are other leaders, and goes on',
    async () => {
      const traffic = await startTraffic();
      await moreRounds(traffic, 20);
      const pid = server.nodes[1]?.pid ?? 0;
      await pauseProcess(pid);
      await moreRounds(traffic, 100);
      resumeProcess(pid);
      await moreRounds(traffic, 100);
      await expectOneTruth(traffic);
    },
    patience,
  );

  it(
    'F44: a broker that clients cannot reach is said to be so, by publisher and readers, and waited for',
    async () => {
      const traffic = await startTraffic();
      await moreRounds(traffic, 20);
      server.proxies[2]?.set({ blackHole: true });
      await until(() => traffic.retries().publishing > 0, { withinMs, what: 'a word of the publisher' });
      await until(() => traffic.retries().consuming > 0, { withinMs, what: 'a word of the consumers' });
      server.proxies[2]?.heal();
      await moreRounds(traffic, 20);
      await expectOneTruth(traffic);
    },
    patience,
  );

  it(
    'F45: what was sent when every link fell silent is sent again, and not skipped',
    async () => {
      const traffic = await startTraffic();
      await moreRounds(traffic, 20);
      for (const proxy of server.proxies) proxy.set({ blackHole: true });
      await until(() => traffic.retries().publishing > 0, { withinMs, what: 'a word of the publisher' });
      for (const proxy of server.proxies) proxy.heal();
      await moreRounds(traffic, 20);
      await expectOneTruth(traffic);
    },
    patience,
  );

  it(
    'F45: connections that are dead without a word are given up',
    async () => {
      const traffic = await startTraffic();
      await moreRounds(traffic, 20);
      for (const proxy of server.proxies) proxy.freeze();
      await moreRounds(traffic, 20);
      await expectOneTruth(traffic);
    },
    patience,
  );
});

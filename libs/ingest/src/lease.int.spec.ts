import { afterEach, describe, expect, it } from '@jest/globals';
import { testServers, uniqueTopicPrefix } from '@hybrid-sync/devstack';
import { connectKafka, ensureTopics, openPublisher, type KafkaConnection } from '@hybrid-sync/kafka';
import { createLog } from '@hybrid-sync/runtime';
import { Lease } from './lease.js';
import { until } from './testing/until.js';

const stops: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const stop of stops.splice(0).reverse()) await stop();
});

interface Replica {
  readonly lease: Lease;
  readonly changes: boolean[];
  readonly commands: string[];
  readonly close: () => Promise<void>;
}

async function group(): Promise<{
  readonly kafka: KafkaConnection;
  readonly join: () => Promise<Replica>;
  readonly topic: string;
}> {
  const brokers = testServers().brokers.split(',');
  const log = createLog({ service: 'test', level: 'silent', secrets: [] });
  const kafka = connectKafka({ brokers, clientId: 'test', ssl: false }, log);
  const topic = `${uniqueTopicPrefix()}.sync-commands.v1`;
  const settings = { name: topic, partitions: 1, config: {}, exact: [], atLeast: [] };
  await ensureTopics(kafka, [settings], { mode: 'create', replicationFactor: 1 });
  const join = async (): Promise<Replica> => {
    const [changes, commands]: [boolean[], string[]] = [[], []];
    const lease = await Lease.join({
      kafka,
      topic,
      groupId: `${topic}.group`,
      commands: (records) => commands.push(...records.map(({ key }) => String(key))),
      changed: (held) => changes.push(held),
      fail: (error) => {
        throw error;
      },
    });
    const close = (): Promise<void> => lease.close();
    stops.push(close);
    return { lease, changes, commands, close };
  };
  return { kafka, join, topic };
}

describe('a lease', () => {
  it('is held by one of two replicas, and goes to the other when that one ends', async () => {
    const { join } = await group();
    const first = await join();
    await until(() => first.lease.held);
    expect(first.lease.term).toBe(1);
    const second = await join();
    await until(() => first.lease.held !== second.lease.held && first.changes.length + second.changes.length >= 2);
    const [active, standby] = first.lease.held ? [first, second] : [second, first];
    await active.close();
    expect([active.lease.held, active.lease.term]).toEqual([false, null]);
    await until(() => standby.lease.held);
    expect(standby.changes.at(-1)).toBe(true);
  }, 60_000);

  it('is another term when it comes back to the same replica', async () => {
    const { join } = await group();
    const first = await join();
    await until(() => first.lease.held);
    const second = await join();
    // Whoever joins makes everybody let go; the lease comes to rest with one of the two.
    await until(() => first.changes.includes(false) && first.lease.held !== second.lease.held);
    await second.close();
    await until(() => first.lease.held);
    expect(first.lease.term).toBeGreaterThan(1);
  }, 60_000);

  it('brings all commands, from the first one, at every take-over', async () => {
    const { kafka, join, topic } = await group();
    const publisher = await openPublisher(kafka);
    stops.push(() => publisher.close());
    await publisher.publish(topic, [{ key: 'a', value: '1' }]);
    const first = await join();
    await until(() => first.commands.length === 1);
    await publisher.publish(topic, [{ key: 'b', value: '2' }]);
    await until(() => first.commands.length === 2);
    await first.close();
    const second = await join();
    await until(() => second.commands.length === 2);
    expect([first.commands, second.commands]).toEqual([
      ['a', 'b'],
      ['a', 'b'],
    ]);
  }, 60_000);

  it('is not held, right after a stop of the whole process, until others would have told', async () => {
    const { join } = await group();
    const { lease, changes } = await join();
    await until(() => lease.held);
    blockEventLoop(5_500);
    expect(lease.held).toBe(false);
    await until(() => lease.held);
    expect(lease.term).toBeGreaterThan(1);
    expect(changes.slice(0, 3)).toEqual([true, false, true]);
  }, 60_000);
});

/** Nothing of this process runs meanwhile, its heartbeats included. */
function blockEventLoop(milliseconds: number): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, milliseconds);
}

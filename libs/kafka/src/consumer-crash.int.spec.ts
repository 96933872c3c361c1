import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import kafkajs from 'kafkajs';
import {
  endOffsets,
  joinGroup,
  type KafkaConnection,
  openPublisher,
  topicIncarnation,
  type TopicState,
  watchTopics,
} from './index.js';
import { connectTo, type LoggedLine, newTopic, recordingLog } from './testing/connections.js';
import { seeingReader } from './testing/readers.js';
import { RecordingHandler } from './testing/recording-handler.js';
import { ownKafka, type OwnKafka } from './testing/test-kafka.js';
import { until } from './testing/until.js';

let server: OwnKafka;
let kafka: KafkaConnection;

beforeAll(async () => {
  server = await ownKafka({
    properties: {
      'authorizer.class.name': 'org.apache.kafka.metadata.authorizer.StandardAuthorizer',
      'allow.everyone.if.no.acl.found': 'true',
    },
  });
  kafka = connectTo(server);
}, 60_000);

afterAll(async () => {
  await server.close();
});

async function denyReading(topic: string): Promise<void> {
  const admin = new kafkajs.Kafka({ brokers: [...server.brokers], logLevel: kafkajs.logLevel.NOTHING }).admin();
  await admin.connect();
  await admin.createAcls({
    acl: [
      {
        resourceType: kafkajs.AclResourceTypes.TOPIC,
        resourceName: topic,
        resourcePatternType: kafkajs.ResourcePatternTypes.LITERAL,
        principal: 'User:*',
        host: '*',
        operation: kafkajs.AclOperationTypes.READ,
        permissionType: kafkajs.AclPermissionTypes.DENY,
      },
    ],
  });
  await admin.disconnect();
}

describe('a crash that will not pass', () => {
  it('fails a log reader, so that its process can end', async () => {
    const topic = await newTopic(kafka);
    const { reader, failures } = await seeingReader(kafka, topic);
    await denyReading(topic);
    await until(() => failures.length > 0);
    expect(failures).toHaveLength(1);
    await expect(reader.caughtUp()).rejects.toThrow('authorized');
    await reader.close();
  }, 40_000);

  it('takes the assignment from a group member and fails it', async () => {
    const topic = await newTopic(kafka);
    const handler = new RecordingHandler();
    const member = await joinGroup(kafka, {
      groupId: `group.${topic}`,
      topics: [topic],
      handler,
      commit: false,
      fail: () => handler.events.push('failed'),
    });
    // A member that has not begun to read asks for its position again and again: it has no fetch that could be refused.
    const publisher = await openPublisher(kafka);
    await publisher.publish(topic, [{ key: 'k', value: 'v' }]);
    await publisher.close();
    await until(() => handler.keys().length === 1);
    await denyReading(topic);
    await until(() => handler.events.includes('failed'));
    expect(handler.events).toEqual(['assigned 0', 'lost', 'failed']);
    await member.close();
  }, 40_000);
});

describe('a broker that goes and comes back', () => {
  it('is waited for by readers, members and watches, who then go on by themselves', async () => {
    const topic = await newTopic(kafka);
    const lines: LoggedLine[] = [];
    const states: TopicState[] = [];
    const watch = watchTopics(connectTo(server, recordingLog(lines)), {
      topics: [{ name: topic, partitions: 1, config: {}, exact: [], atLeast: [] }],
      everyMs: 50,
      changed: (state) => states.push(state),
    });
    const said = (message: string): number => lines.filter((line) => line.message === message).length;
    await until(() => states.length === 1);
    const publisher = await openPublisher(kafka);
    const { reader, seen, failures } = await seeingReader(kafka, topic);
    const handler = new RecordingHandler();
    const member = await joinGroup(kafka, {
      groupId: `group.${topic}`,
      topics: [topic],
      handler,
      commit: true,
      fail: () => handler.events.push('failed'),
    });
    await publisher.publish(topic, [{ key: 'before', value: 'v' }]);
    await until(() => handler.keys().length === 1 && seen.length === 1);
    const down = await server.crash();
    await until(() => said('topics could not be looked at, retrying') === 1);
    await down.restart();
    await publisher.publish(topic, [{ key: 'after', value: 'v' }]);
    await reader.reached(topic, await endOffsets(kafka, topic), AbortSignal.timeout(30_000));
    await until(() => handler.keys().length === 2, { withinMs: 30_000 });
    expect(seen.map(({ offset }) => offset)).toEqual([0, 1]);
    expect([failures, handler.events.includes('failed'), handler.keys()]).toEqual([[], false, ['before', 'after']]);
    await until(() => said('topics are looked at again') === 1);
    expect([states.length, said('topics could not be looked at, retrying')]).toEqual([1, 1]);
    expect(states[0]?.incarnation).toBe(await topicIncarnation(kafka, topic));
    await Promise.all([reader.close(), member.close(), publisher.close(), watch.close()]);
  }, 90_000);

  it('is given up when it hangs for a session timeout, and joined again when it answers', async () => {
    const topic = await newTopic(kafka);
    const publisher = await openPublisher(kafka);
    const handler = new RecordingHandler();
    const member = await joinGroup(kafka, {
      groupId: `group.${topic}`,
      topics: [topic],
      handler,
      commit: true,
      sessionTimeoutMs: 6_000,
      fail: () => handler.events.push('failed'),
    });
    await until(() => handler.owned.length === 1);
    await server.pause();
    await until(() => handler.events.includes('lost'), { withinMs: 20_000 });
    server.resume();
    await publisher.publish(topic, [{ key: 'after', value: 'v' }]);
    await until(() => handler.keys().length === 1, { withinMs: 30_000 });
    expect(handler.events).not.toContain('failed');
    await Promise.all([member.close(), publisher.close()]);
  }, 90_000);
});

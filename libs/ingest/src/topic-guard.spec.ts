import { describe, expect, it } from '@jest/globals';
import { topicNames } from '@hybrid-sync/domain';
import type { TopicState } from '@hybrid-sync/kafka';
import { createMetrics } from '../../runtime/src/metrics.js';
import { TopicGuard } from './topic-guard.js';

const topics = topicNames('test');

interface Guarding {
  readonly guard: TopicGuard;
  readonly failures: Error[];
  readonly lines: string[];
  readonly metric: () => Promise<string | undefined>;
}

function guarding(): Guarding {
  const [failures, lines]: [Error[], string[]] = [[], []];
  const say = (_: object, message: string): void => void lines.push(message);
  const metrics = createMetrics('test');
  const fail = (error: Error): void => void failures.push(error);
  const guard = new TopicGuard({ topics, incarnation: 'id', log: { info: say, error: say }, metrics, fail });
  const metric = async (): Promise<string | undefined> =>
    (await metrics.metrics()).split('\n').find((line) => line.startsWith('hybrid_sync_topic_differences'));
  return { guard, failures, lines, metric };
}

const state = (changes: Partial<TopicState> = {}): TopicState => ({
  topic: topics.revocations,
  incarnation: 'id',
  differences: [],
  ranges: new Map(),
  ...changes,
});

const policy = { topic: topics.revocations, setting: 'cleanup.policy', expected: 'compact', actual: 'delete' };

describe('the guard of the topics', () => {
  it('has nothing to say while they are what they were', async () => {
    const { guard, failures, lines, metric } = guarding();
    guard.changed(state());
    expect([guard.unreadyReasons, failures, lines]).toEqual([[], [], []]);
    expect(await metric()).toMatch(/ 0$/);
  });

  it.each(['other', 'id 3=500'])('ends the process, with one line, when the revocation topic is %p', (incarnation) => {
    const { guard, failures } = guarding();
    guard.changed(state({ incarnation }));
    expect(failures.map(({ message }) => message)).toEqual([
      `${topics.revocations} was made again or cut short: it was id and is ${incarnation}; everything is published anew`,
    ]);
  });

  it('does not end the process when another topic is made again', () => {
    const { guard, failures } = guarding();
    guard.changed(state({ topic: topics.commands, incarnation: 'other' }));
    expect(failures).toEqual([]);
  });

  it('calls the ingester unready while a topic is not as it must be, or missing, and no longer than that', async () => {
    const { guard, failures, lines, metric } = guarding();
    guard.changed(state({ differences: [policy] }));
    guard.changed(state({ topic: topics.status, incarnation: null, differences: [{ ...policy, setting: 'topic' }] }));
    expect(guard.unreadyReasons).toEqual(['topic-misconfigured']);
    expect(await metric()).toMatch(/ 2$/);
    guard.changed(state());
    expect(guard.unreadyReasons).toEqual(['topic-misconfigured']);
    guard.changed(state({ topic: topics.status }));
    expect([guard.unreadyReasons, failures]).toEqual([[], []]);
    expect(lines).toEqual([
      'topic is not as it must be',
      'topic is not as it must be',
      'topic is as it must be again',
      'topic is as it must be again',
    ]);
  });
});

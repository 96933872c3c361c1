import type { TopicSettings } from './topic-settings.js';

export interface TopicDifference {
  readonly topic: string;
  /** A setting by Kafka's name, or `partitions`, or `topic` when the topic is missing. */
  readonly setting: string;
  readonly expected: string;
  readonly actual: string;
}

export interface TopicFound {
  readonly partitions: number;
  readonly config: ReadonlyMap<string, string>;
}

export class TopicMismatchError extends Error {
  override readonly name = 'TopicMismatchError';

  constructor(readonly differences: readonly TopicDifference[]) {
    super(`topics are not as configured: ${differences.map(toText).join('; ')}`);
  }
}

export function topicDifferences(topic: TopicSettings, found: TopicFound | undefined): readonly TopicDifference[] {
  const difference = (setting: string, expected: string, actual = 'not set'): TopicDifference => ({
    topic: topic.name,
    setting,
    expected,
    actual,
  });
  if (found === undefined) return [difference('topic', 'exists', 'missing')];
  const partitions =
    found.partitions === topic.partitions
      ? []
      : [difference('partitions', String(topic.partitions), String(found.partitions))];
  const exact = topic.exact
    .map((setting) => ({ setting, expected: topic.config[setting] ?? '', actual: found.config.get(setting) }))
    .filter(({ expected, actual }) => actual !== expected)
    .map(({ setting, expected, actual }) => difference(setting, expected, actual));
  const atLeast = topic.atLeast
    .map((setting) => ({ setting, expected: topic.config[setting] ?? '', actual: found.config.get(setting) }))
    .filter(({ expected, actual }) => !(limit(actual) >= limit(expected)))
    .map(({ setting, expected, actual }) => difference(setting, `at least ${expected}`, actual));
  return [...partitions, ...exact, ...atLeast];
}

function limit(value: string | undefined): number {
  return value === '-1' ? Infinity : Number(value);
}

function toText({ topic, setting, expected, actual }: TopicDifference): string {
  return `${topic}: ${setting} is ${actual}, expected ${expected}`;
}

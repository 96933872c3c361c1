import { randomUUID } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import { endOffsets, openTopics, TopicMismatchError, type TopicSettings } from './index.js';
import { type LoggedLine, recordingLog } from './testing/connections.js';
import { sharedKafka } from './testing/test-kafka.js';
import { until } from './testing/until.js';

const topic = (changes: Partial<TopicSettings> = {}): TopicSettings => ({
  name: `test-${randomUUID()}`,
  partitions: 2,
  config: { 'cleanup.policy': 'compact' },
  exact: ['cleanup.policy'],
  atLeast: [],
  ...changes,
});
const settings = (): Parameters<typeof openTopics>[0] => ({
  ...sharedKafka(),
  clientId: 'test',
  ssl: false,
  topics: 'create',
  replicationFactor: 1,
});
const { signal } = new AbortController();

describe('opening topics', () => {
  it('connects once they are there', async () => {
    const made = topic();
    const kafka = await openTopics(settings(), [made], { log: recordingLog(), signal });
    expect(await endOffsets(kafka, made.name)).toEqual(
      new Map([
        [0, 0],
        [1, 0],
      ]),
    );
  });

  it('does not wait for a topic to become another one', async () => {
    const made = topic();
    await openTopics(settings(), [made], { log: recordingLog(), signal });
    const other = { ...made, partitions: 3 };
    await expect(openTopics(settings(), [other], { log: recordingLog(), signal })).rejects.toThrow(TopicMismatchError);
  });

  it('waits for brokers that do not answer, one line for each try, until it is told to stop', async () => {
    const lines: LoggedLine[] = [];
    const stopping = new AbortController();
    const nowhere = { ...settings(), brokers: ['127.0.0.1:1'] };
    const opening = openTopics(nowhere, [topic()], { log: recordingLog(lines), signal: stopping.signal });
    const said = (): LoggedLine[] => lines.filter(({ message }) => message === 'not available yet');
    await until(() => said().length === 1, { withinMs: 30_000 });
    stopping.abort(new Error('stopping'));
    await expect(opening).rejects.toThrow('stopping');
    expect(said()).toMatchObject([{ level: 'warn', fields: { what: 'kafka', failures: 1 } }]);
  }, 40_000);
});

import { backoffMs, pause } from './backoff.js';
import { connectKafka, type KafkaConnection, type KafkaSettings } from './connection.js';
import type { KafkaLog } from './kafka-log.js';
import { TopicMismatchError } from './topic-differences.js';
import type { TopicSettings, TopicSetup } from './topic-settings.js';
import { ensureTopics } from './topic-setup.js';

export interface TopicsSettings extends KafkaSettings, Pick<TopicSetup, 'replicationFactor'> {
  readonly topics: TopicSetup['mode'];
}

/**
 * Connects, and resolves when every topic exists as it should be. Tries until then, with one line per failure. Rejects
 * when the signal aborts, and with TopicMismatchError: waiting does not mend a topic.
 */
export async function openTopics(
  settings: TopicsSettings,
  topics: readonly TopicSettings[],
  { log, signal }: { readonly log: KafkaLog; readonly signal: AbortSignal },
): Promise<KafkaConnection> {
  const kafka = connectKafka(settings, log);
  const setup = { mode: settings.topics, replicationFactor: settings.replicationFactor };
  for (let attempt = 1; ; attempt++) {
    try {
      await ensureTopics(kafka, topics, setup);
      return kafka;
    } catch (error) {
      if (signal.aborted || error instanceof TopicMismatchError) throw error;
      log.warn({ error, what: 'kafka', failures: attempt }, 'not available yet');
      await pause(backoffMs(attempt), signal);
      signal.throwIfAborted();
    }
  }
}

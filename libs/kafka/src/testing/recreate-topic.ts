import type { KafkaConnection } from '../index.js';
import { withAdmin } from '../offset-vector.js';
import { until } from './until.js';

/** Resolves when the topic is gone. */
export async function deleteTopic(kafka: KafkaConnection, topic: string): Promise<void> {
  await withAdmin(kafka, async (admin) => {
    await admin.deleteTopics({ topics: [topic] });
    await until(async () => !(await admin.listTopics()).includes(topic));
  });
}

/** Deletes a topic and makes one of the same name, which is empty. */
export async function recreateTopic(kafka: KafkaConnection, topic: string, numPartitions: number): Promise<void> {
  await deleteTopic(kafka, topic);
  await withAdmin(kafka, (admin) =>
    until(() => admin.createTopics({ topics: [{ topic, numPartitions }] }).catch(() => false)),
  );
}

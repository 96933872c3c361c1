import type { KafkaConnection } from '../index.js';
import { withAdmin } from '../offset-vector.js';

/** Does to partition 0 at once what retention does in time. */
export async function deleteRecordsBelow(kafka: KafkaConnection, topic: string, offset: number): Promise<void> {
  await withAdmin(kafka, async (admin) => {
    // The driver deletes from topics only whose metadata it has asked for before.
    await admin.fetchTopicOffsets(topic);
    await admin.deleteTopicRecords({ topic, partitions: [{ partition: 0, offset: String(offset) }] });
  });
}

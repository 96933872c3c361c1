import type { OffsetVector } from '@hybrid-sync/domain';
import { endOffsets, topicIncarnation, type KafkaConnection, type TopicSettings } from '@hybrid-sync/kafka';
import { BuildingOverError } from './builder-follower.js';

/** The topic that generations are folds of, as it is now. */
export interface FoldedSource {
  readonly topic: string;
  /** For so long at least the topic keeps tombstones. */
  readonly tombstoneSeconds: number;
  readonly incarnation: () => Promise<string>;
  /** Next offset to be written, by partition. */
  readonly endOffsets: () => Promise<OffsetVector>;
  /** Throws BuildingOverError where the topic has another incarnation. */
  readonly requireIncarnation: (expected: string | null) => Promise<void>;
}

export function foldedSource(kafka: KafkaConnection, { name: topic, config }: TopicSettings): FoldedSource {
  const incarnation = (): Promise<string> => topicIncarnation(kafka, topic);
  return {
    topic,
    tombstoneSeconds: Number(config['delete.retention.ms']) / 1000,
    incarnation,
    endOffsets: () => endOffsets(kafka, topic),
    requireIncarnation: async (expected) => {
      const now = await incarnation();
      if (now !== expected) throw new BuildingOverError(`the topic is another incarnation by now: ${now}`);
    },
  };
}

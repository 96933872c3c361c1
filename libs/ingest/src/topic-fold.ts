import {
  contains,
  foldWindow,
  parseRevocationRecord,
  type BlockRange,
  type ContractIdentity,
  type LiveRecord,
  type TopicNames,
  type Window,
} from '@hybrid-sync/domain';
import { openLogReader, type KafkaConnection } from '@hybrid-sync/kafka';

export interface TopicFoldOptions {
  readonly kafka: KafkaConnection;
  readonly topics: TopicNames;
  readonly groupPrefix: string;
  readonly identity: ContractIdentity;
  readonly fail: (error: Error) => void;
}

/** Every live record of the range, from the whole revocation topic as it stands now. */
export async function foldTopic(range: BlockRange, options: TopicFoldOptions): Promise<Window> {
  const { kafka, topics, groupPrefix, identity, fail } = options;
  const live = new Map<string, LiveRecord>();
  const reader = await openLogReader(kafka, {
    topics: [topics.revocations],
    groupPrefix,
    fail,
    apply: (records) => {
      for (const { key, value } of records) {
        foldWindow(live, parseRevocationRecord(key, value, identity), range.fromBlock - 1);
      }
    },
  });
  await reader.caughtUp();
  await reader.close();
  return new Map([...live].filter(([, record]) => contains(range, record.blockNumber)));
}

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
import type { OpenReader } from './open-reader.js';

export interface TopicFoldOptions {
  readonly topics: Pick<TopicNames, 'revocations'>;
  readonly identity: ContractIdentity;
  readonly openReader: OpenReader;
}

/** Every live record of the range, from the whole revocation topic as it stands now. */
export async function foldTopic(range: BlockRange, options: TopicFoldOptions): Promise<Window> {
  const { topics, identity, openReader } = options;
  const live = new Map<string, LiveRecord>();
  const reader = await openReader(topics.revocations, {
    apply: (records) => {
      for (const { key, value } of records) {
        foldWindow(live, parseRevocationRecord(key, value, identity), range.fromBlock - 1);
      }
    },
  });
  try {
    await reader.caughtUp();
  } finally {
    await reader.close();
  }
  return new Map([...live].filter(([, record]) => contains(range, record.blockNumber)));
}

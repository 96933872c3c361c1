import { topicNames } from '@hybrid-sync/domain';
import { observeHeads } from './head-observer.js';
import { logsOfBlock } from './reference.js';
import { openReferencePublisher } from './reference-publisher.js';
import type { ChainSource } from './revoked-chain.js';

/** The least that following can cost: told of a head, ask for its logs, publish them. Reorgs and gaps go unnoticed. */
export async function startReferenceFollower(
  { url, contract }: ChainSource,
  { brokers, prefix }: { readonly brokers: string; readonly prefix: string },
): Promise<{ readonly close: () => Promise<void> }> {
  const publisher = await openReferencePublisher({ brokers, topic: topicNames(prefix).revocations, contract });
  let last: Promise<unknown> = Promise.resolve();
  const heads = await observeHeads(url, (blockHash) => {
    const logs = logsOfBlock({ url, contract }, blockHash);
    last = Promise.all([logs, last]).then(([found]) => (found.length > 0 ? publisher.publish(found) : undefined));
  });
  return {
    close: async () => {
      heads.close();
      await last;
      await publisher.close();
    },
  };
}

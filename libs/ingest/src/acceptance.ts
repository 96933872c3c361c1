import { RpcError, type ChainReader } from '@hybrid-sync/chain';
import type { Hash32 } from '@hybrid-sync/domain';
import type { ServiceContext } from '@hybrid-sync/runtime';
import type { IngesterConfig } from './ingester-config.js';
import type { TopicViewOptions } from './topic-view.js';

/** Which finality violation the operator accepts, and what to do when another process has accepted one. */
export async function acceptanceOf(
  chain: Pick<ChainReader, 'block' | 'blockByHash'>,
  context: Pick<ServiceContext<IngesterConfig>, 'config' | 'log' | 'fail'>,
): Promise<Pick<TopicViewOptions, 'acceptedHash' | 'outdated' | 'accepted'>> {
  return {
    acceptedHash: await canonicalHash(chain, context),
    accepted: (violation) => {
      context.log.warn({ violation }, 'finality violation accepted by the operator: coverage starts anew');
    },
    outdated: () => {
      context.fail(new Error('a finality violation was accepted: what this process stands on is void'));
    },
  };
}

/** What the operator accepts must be on the chain: a hash of another branch accepts nothing. */
async function canonicalHash(
  chain: Pick<ChainReader, 'block' | 'blockByHash'>,
  { config: { acceptedBlockHash: hash }, log }: Pick<ServiceContext<IngesterConfig>, 'config' | 'log'>,
): Promise<Hash32 | undefined> {
  if (hash === undefined) return undefined;
  try {
    const { number } = await chain.blockByHash(hash);
    if ((await chain.block(number)).hash === hash) return hash;
    log.warn({ hash, number }, 'the accepted block is not on the chain');
  } catch (error) {
    if (!(error instanceof RpcError)) throw error;
    log.warn({ hash, error }, 'the accepted block cannot be read');
  }
  return undefined;
}

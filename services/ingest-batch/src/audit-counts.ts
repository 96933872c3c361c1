import { RpcError, type ChainBlock } from '@hybrid-sync/chain';
import { lockId, type AuditScope, type CountMismatch, type LockId } from '@hybrid-sync/domain';
import type { Ingester } from '@hybrid-sync/ingest';
import { prefetch } from './prefetch.js';

/** Calls to the contract under way at once. */
const callsAhead = 16;
/** Ids that locks usually have: a lock of which the topic knows nothing is found by them. */
const probes = Array.from({ length: 33 }, (_, id) => lockId.parse(String(id)));

/**
 * Revocations per lock on the topic and on the contract, as of one final block. Of locks that the topic does not know,
 * only those that the contract counts something for.
 */
export async function compareCounts(
  { chain, locks, reporter }: Pick<Ingester, 'chain' | 'locks' | 'reporter'>,
  scope: AuditScope,
  at: ChainBlock,
): Promise<readonly CountMismatch[]> {
  const progressed = (): void => {
    reporter.progressed();
  };
  const onTopic = await locks.counts(scope, at.number, progressed);
  const counts: CountMismatch[] = [];
  for await (const { id, count } of contractCounts(chain, onTopic.keys(), at)) {
    counts.push({ lockId: id, onContract: count, onTopic: onTopic.get(id) ?? 0 });
    progressed();
  }
  if (scope !== 'all') return counts;
  const unknown = probes.filter((id) => !onTopic.has(id));
  return [...counts, ...(await probe(chain, unknown, { at, isAllThereIs: onTopic.size === 0 }))];
}

/** What the contract counted for these locks at another block. */
export async function sumOfCounts(
  chain: Pick<Ingester['chain'], 'revocationCount'>,
  ids: readonly LockId[],
  at: Pick<ChainBlock, 'hash'>,
): Promise<number> {
  let sum = 0;
  for await (const { count } of contractCounts(chain, ids, at)) sum += count;
  return sum;
}

interface ContractCount {
  readonly id: LockId;
  readonly count: number;
}

function contractCounts(
  chain: Pick<Ingester['chain'], 'revocationCount'>,
  ids: Iterable<LockId>,
  at: Pick<ChainBlock, 'hash'>,
): AsyncGenerator<ContractCount> {
  return prefetch(ids, callsAhead, async (id) => ({ id, count: await chain.revocationCount(id, at) }));
}

/** A contract may refuse to count for a lock that it does not have. */
async function probe(
  chain: Pick<Ingester['chain'], 'revocationCount'>,
  ids: readonly LockId[],
  { at, isAllThereIs }: { readonly at: ChainBlock; readonly isAllThereIs: boolean },
): Promise<readonly CountMismatch[]> {
  const refusals: unknown[] = [];
  const ask = async (id: LockId): Promise<ContractCount> => {
    try {
      return { id, count: await chain.revocationCount(id, at) };
    } catch (error) {
      if (!(error instanceof RpcError)) throw error;
      refusals.push(error);
      return { id, count: 0 };
    }
  };
  const found: CountMismatch[] = [];
  for await (const { id, count } of prefetch(ids, callsAhead, ask)) {
    if (count > 0) found.push({ lockId: id, onContract: count, onTopic: 0 });
  }
  if (isAllThereIs && refusals.length === ids.length) throw refusals[0];
  return found;
}

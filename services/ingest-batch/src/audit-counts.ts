import { RpcError, type ChainBlock } from '@hybrid-sync/chain';
import { lockId, type AuditScope, type CountMismatch, type LockId } from '@hybrid-sync/domain';
import type { Ingester } from '@hybrid-sync/ingest';
import { prefetch } from './prefetch.js';

type Contract = Pick<Ingester['chain'], 'revocationCount' | 'revocationCounts'>;

/** Locks that the contract is asked about at once. */
const locksPerQuery = 100;
/** Queries under way at once. */
const queriesAhead = 2;
const probesAhead = 8;
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
  for await (const counted of contractCounts(chain, [...onTopic.keys()], at)) {
    for (const { id, count } of counted) counts.push({ lockId: id, onContract: count, onTopic: onTopic.get(id) ?? 0 });
    progressed();
  }
  if (scope !== 'all') return counts;
  const unknown = probes.filter((id) => !onTopic.has(id));
  return [...counts, ...(await probe(chain, unknown, { at, isAllThereIs: onTopic.size === 0 }))];
}

/** What the contract counted for these locks at another block. */
export async function sumOfCounts(
  chain: Contract,
  ids: readonly LockId[],
  at: Pick<ChainBlock, 'hash'>,
): Promise<number> {
  let sum = 0;
  for await (const counted of contractCounts(chain, ids, at)) for (const { count } of counted) sum += count;
  return sum;
}

interface ContractCount {
  readonly id: LockId;
  readonly count: number;
}

function contractCounts(
  chain: Contract,
  ids: readonly LockId[],
  at: Pick<ChainBlock, 'hash'>,
): AsyncGenerator<readonly ContractCount[]> {
  return prefetch(chunksOf(ids), queriesAhead, async (chunk) => {
    const counts = await chain.revocationCounts(chunk, at);
    return chunk.map((id, index) => ({ id, count: counts[index] ?? 0 }));
  });
}

function* chunksOf(ids: readonly LockId[]): Generator<readonly LockId[]> {
  for (let first = 0; first < ids.length; first += locksPerQuery) yield ids.slice(first, first + locksPerQuery);
}

/** A contract may refuse to count for a lock that it does not have: each is asked for by itself. */
async function probe(
  chain: Contract,
  ids: readonly LockId[],
  { at, isAllThereIs }: { readonly at: ChainBlock; readonly isAllThereIs: boolean },
): Promise<readonly CountMismatch[]> {
  const refusals: RpcError[] = [];
  const ask = async (id: LockId): Promise<number> => {
    try {
      return await chain.revocationCount(id, at);
    } catch (error) {
      if (!isRefusal(error)) throw error;
      refusals.push(error);
      return 0;
    }
  };
  const found: CountMismatch[] = [];
  const answers = prefetch(ids, probesAhead, async (id) => ({ id, count: await ask(id) }));
  for await (const { id, count } of answers) if (count > 0) found.push({ lockId: id, onContract: count, onTopic: 0 });
  const [refusal] = refusals;
  if (refusal !== undefined && isAllThereIs && refusals.length === ids.length) throw refusal;
  return found;
}

/** By the contract, or of an answer that is none: the contract does not have the function. */
function isRefusal(error: unknown): error is RpcError {
  return error instanceof RpcError && ['refused', 'malformed'].includes(error.kind);
}

import { RpcError } from '@hybrid-sync/chain';
import { revocationKey, type AuditState, type RevocationIdentity } from '@hybrid-sync/domain';
import { createLog } from '@hybrid-sync/runtime';
import { revocation, SimulatedChain, type Request } from '../../../../libs/ingest/src/testing/simulated-chain.js';
import { saidBy } from '../../../../libs/ingest/src/testing/simulated-ingester.js';
import { Auditor } from '../auditor.js';
import { batchingOn, lastSaid, options, type Batching } from './batching.js';

/** A line that the auditor has logged: its level and its text. */
export type Logged = `${'info' | 'warn' | 'error'}: ${string}`;

export interface Auditing extends Batching {
  readonly auditor: Auditor;
  readonly logged: readonly Logged[];
  /** Does what is due, bit by bit, until nothing is. */
  settle(): Promise<void>;
  /** Makes a pass, and the audit after it. */
  passAndAudit(): Promise<AuditState>;
}

/** An auditor beside passes that a test makes. */
export function auditingOn(batching: Batching): Auditing {
  const { ingester } = batching;
  const logged: Logged[] = [];
  const log = createLog({ service: 'test', level: 'silent', secrets: [] });
  for (const level of ['info', 'warn', 'error'] as const) {
    log[level] = (...[, text]: readonly unknown[]) => void logged.push(`${level}: ${String(text)}`);
  }
  const metrics = { observe: () => undefined };
  const commands = { all: batching.commands };
  const auditor = new Auditor(ingester, { commands, reading: options, log, metrics, pauseMs: 0, retryMs: 0 });
  const settle = async (): Promise<void> => {
    for (let steps = 0; steps < 8; steps += 1) {
      await ingester.view.caughtUp();
      await auditor.step();
    }
    await ingester.view.caughtUp();
  };
  const passAndAudit = async (): Promise<AuditState> => {
    await batching.pass();
    auditor.touched('pass');
    await settle();
    return lastSaid(batching).audit;
  };
  return { ...batching, auditor, logged, settle, passAndAudit };
}

export async function freshAuditing(chain: SimulatedChain, startBlock = 0): Promise<Auditing> {
  return auditingOn(await batchingOn(chain, undefined, startBlock));
}

/** Every audit that was said, without repetitions. */
export function auditsSaid({ log }: Pick<Batching, 'log'>): readonly AuditState[] {
  const audits = saidBy(log, 'ingest-batch').map(({ audit }) => audit);
  return audits.filter((audit, index) => JSON.stringify(audit, plain) !== JSON.stringify(audits[index - 1], plain));
}

function plain(_: string, value: unknown): unknown {
  return typeof value === 'bigint' ? value.toString() : value;
}

/** Answers for ranges leave this revocation out, unless they have to be proven; `forGood`: even then. */
export function hide(chain: SimulatedChain, hidden: RevocationIdentity, forGood = false): void {
  const read = chain.logsOfRange.bind(chain);
  chain.logsOfRange = async (range, prove) => {
    const found = await read(range, prove);
    if (prove === 'receipts' && !forGood) return found;
    return { ...found, logs: found.logs.filter((log) => revocationKey(log) !== revocationKey(hidden)) };
  };
}

/** The endpoints have no state any more that the contract could be asked in. */
export function forgetState(chain: SimulatedChain): void {
  chain.before = (request) => {
    if (request === 'revocationCount') throw new RpcError('refused', 'eth_call', 'missing trie node');
  };
}

export function requestsOf({ chain }: Pick<Batching, 'chain'>, request: Request): number {
  return chain.requests.filter((one) => one === request).length;
}

/** The chain, grown to this head with a revocation of one of three locks in every third block. */
export function grownLocks(head: number, chain = new SimulatedChain()): SimulatedChain {
  for (let block = chain.head.number + 1; block <= head; block += 1) {
    chain.mine(block % 3 === 0 ? [revocation(block / 3)] : []);
  }
  return chain;
}

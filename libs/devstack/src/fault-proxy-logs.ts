import type { Chance, Tampering } from './fault-proxy-faults.js';
import { seededRandom, shuffled, striking } from './fault-proxy-random.js';
import { isRecord } from './fault-proxy-request.js';

type WireLog = Readonly<Record<string, unknown>>;

/** Which logs are left out: of every answer the first, the last or one at random; or some over all answers. */
export type Dropped = 'first' | 'last' | { readonly oneOf: 'random'; readonly seed: number } | Chance;

/** `eth_getLogs` answers with fewer logs than there are. */
export function dropLogs(dropped: Dropped): Tampering {
  const keep = keeper(dropped);
  return onLogs((logs) => keep(logs));
}

/** `eth_getLogs` finds nothing. */
export function emptyLogs(): Tampering {
  return onLogs(() => []);
}

/** `eth_getLogs` says every log twice. */
export function duplicateLogs(): Tampering {
  return onLogs((logs) => logs.flatMap((log) => [log, log]));
}

export function reorderLogs(seed: number): Tampering {
  const random = seededRandom(seed);
  return onLogs((logs) => shuffled(logs, random));
}

const foreign = {
  address: { address: `0x${'ad'.repeat(20)}` },
  topic0: (topics: readonly unknown[]) => ({ topics: [`0x${'70'.repeat(32)}`, ...topics.slice(1)] }),
  topics: (topics: readonly unknown[]) => ({ topics: topics.slice(0, 3) }),
  shortTopic: (topics: readonly unknown[]) => ({
    topics: topics.map((topic, index) => (index === 1 ? String(topic).slice(0, -2) : topic)),
  }),
  data: { data: `0x${'00'.repeat(32)}` },
  blockHash: { blockHash: `0x${'b1'.repeat(32)}` },
  blockNumber: { blockNumber: '0x7fffffff' },
  removed: { removed: true },
} as const;

export type ForeignKind = keyof typeof foreign;

/** `eth_getLogs` answers with one log more, of a signature of its own, that is wrong in one respect. */
export function foreignLog(kind: ForeignKind): Tampering {
  return onLogs((logs) => {
    const [template] = logs.toReversed();
    return template === undefined ? logs : [...logs, wrong(template, kind)];
  });
}

function wrong(log: WireLog, kind: ForeignKind): WireLog {
  const [topic0, lockId, , owner] = Array.isArray(log['topics']) ? log['topics'].map(String) : [];
  const topics = [topic0, lockId, `0x${'f0'.repeat(32)}`, owner];
  const logIndex = `0x${(Number(log['logIndex']) + 1).toString(16)}`;
  const change = foreign[kind];
  return { ...log, topics, logIndex, ...(typeof change === 'function' ? change(topics) : change) };
}

function onLogs(change: (logs: readonly WireLog[]) => readonly WireLog[]): Tampering {
  return ({ method }, result) =>
    method === 'eth_getLogs' && Array.isArray(result) ? change(result.filter(isRecord)) : result;
}

function keeper(dropped: Dropped): (logs: readonly WireLog[]) => readonly WireLog[] {
  if (dropped === 'first') return (logs) => logs.slice(1);
  if (dropped === 'last') return (logs) => logs.slice(0, -1);
  if ('oneOf' in dropped) {
    const random = seededRandom(dropped.seed);
    return (logs) => {
      const out = Math.floor(random() * logs.length);
      return logs.filter((_, index) => index !== out);
    };
  }
  const struck = striking(dropped);
  return (logs) => logs.filter(() => !struck());
}

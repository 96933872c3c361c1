import {
  dropLogs,
  dropReceiptLog,
  duplicateLogs,
  emptyLogs,
  foreignLog,
  headAheadOfData,
  noReceiptsMethod,
  nullReceipts,
  rangeLimit,
  reorderLogs,
  seededRandom,
  sometimes,
  staleHead,
  type Faults,
} from '@hybrid-sync/devstack';

type MakeFaults = (seed: number) => Faults;

const half = (seed: number): { probability: number; seed: number } => ({ probability: 0.5, seed });
/** Half of the calls. */
const everyOther = (seed: number): NonNullable<Faults['only']> => {
  const random = seededRandom(seed);
  return () => random() < 0.5;
};
const foreignKinds = ['address', 'topic0', 'topics', 'data', 'blockHash', 'removed'] as const;

/** What an endpoint of a schedule can do, by name. */
const faultsByName = {
  'drops a log of every answer': (seed) => ({ answer: dropLogs({ oneOf: 'random', seed }) }),
  'drops logs now and then': (seed) => ({ answer: dropLogs(half(seed)) }),
  'finds no logs': () => ({ answer: emptyLogs() }),
  'finds no logs now and then': (seed) => ({ answer: sometimes(half(seed), emptyLogs()) }),
  'says every log twice': () => ({ answer: duplicateLogs() }),
  'reorders logs': (seed) => ({ answer: reorderLogs(seed) }),
  'adds a log that is none': (seed) => ({ answer: foreignLog(foreignKinds[seed % foreignKinds.length] ?? 'data') }),
  'lags behind': (seed) => ({ answer: staleHead(1 + (seed % 12)) }),
  'lags behind now and then': (seed) => ({ answer: sometimes(half(seed), staleHead(1 + (seed % 12))) }),
  'names a head it does not have': () => ({ answer: headAheadOfData() }),
  'has no receipts yet': () => ({ answer: nullReceipts() }),
  'does not offer receipts': () => ({ answer: noReceiptsMethod() }),
  'leaves a log out of the receipts': () => ({ answer: dropReceiptLog() }),
  'refuses wide ranges': (seed) => {
    const blocks = 1 + (seed % 30);
    return { answer: rangeLimit(blocks, `eth_getLogs is limited to a ${blocks} blocks range`) };
  },
  'is slow': (seed) => ({ latencyMs: 20 + (seed % 300) }),
  'hangs now and then': (seed) => ({ hang: true, only: everyOther(seed) }),
  'hangs up': (seed) => ({ reset: { probability: 0.3, seed } }),
  'is down': () => ({ refuseConnections: true }),
  'asks for patience': () => ({ status: 429, retryAfter: '1' }),
  'asks for patience now and then': (seed) => ({ status: 429, retryAfter: '1', only: everyOther(seed) }),
  'answers half a body': (seed) => ({ truncateBody: true, only: everyOther(seed) }),
  'mixes up ids': (seed) => ({ wrongId: true, only: everyOther(seed) }),
  'loses answers of a batch': (seed) => ({ dropFromBatch: 3, shuffleBatch: { seed } }),
  'says nothing of new heads': () => ({ wsSilent: true }),
  'drops its sockets': () => ({ wsClose: true }),
} satisfies Readonly<Record<string, MakeFaults>>;

export type FaultName = keyof typeof faultsByName;

export const faultNames = Object.keys(faultsByName).filter(isFaultName);

/** The same for the same seed, as far as the calls come in the same order. */
export function faultsOf(name: FaultName, seed: number): Faults {
  return faultsByName[name](seed);
}

function isFaultName(name: string): name is FaultName {
  return name in faultsByName;
}

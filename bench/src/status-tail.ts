import { parseStatusRecord, topicNames, type ParsedStatusRecord } from '@hybrid-sync/domain';
import { tailTopic } from './topic-tail.js';
import { untilTrue } from './until-true.js';

/** A status record and when the broker appended it, in milliseconds since the epoch. */
export interface Said {
  readonly at: number;
  readonly status: ParsedStatusRecord;
}

/** Everything that ingesters said on their status topic. */
export interface StatusTail {
  readonly said: readonly Said[];
  /** The first record that is meant, whether it has been said or is still to come. */
  until(what: string, isMeant: (status: ParsedStatusRecord) => boolean): Promise<Said>;
  close(): Promise<void>;
}

/** A sync of a million revocations takes minutes. */
const patienceSeconds = 900;

export async function tailStatus(brokers: string, prefix: string): Promise<StatusTail> {
  const said: Said[] = [];
  const tail = await tailTopic(brokers, topicNames(prefix).status, ({ key, value, timestamp }) => {
    said.push({ at: Number(timestamp), status: parseStatusRecord(key, value) });
  });
  return { said, until: (what, isMeant) => untilSaid(said, what, isMeant), close: () => tail.close() };
}

/** When it is seen does not matter: what is measured is when the broker appended it. */
async function untilSaid(
  said: readonly Said[],
  what: string,
  isMeant: (status: ParsedStatusRecord) => boolean,
): Promise<Said> {
  let found: Said | undefined;
  const isSaid = (): boolean => (found = said.find(({ status }) => isMeant(status))) !== undefined;
  await untilTrue(what, isSaid, patienceSeconds);
  if (found === undefined) throw new Error(what);
  return found;
}

/** Whether an ingester says that everything up to this block is on the topic and that it has nothing left to do. */
export function covers(head: number): (status: ParsedStatusRecord) => boolean {
  return (said) => said.kind === 'component' && !said.status.syncing && (said.status.coverage?.coveredTo ?? -1) >= head;
}

/** Whether an ingester says what its audit has found. */
export function hasAudited(said: ParsedStatusRecord): boolean {
  if (said.kind !== 'component') return false;
  const { audit } = said.status;
  return audit !== null && audit !== 'pending' && audit.mismatched === 0;
}

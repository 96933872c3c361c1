import { topicNames } from '@hybrid-sync/domain';
import { endOffsets, topicIncarnation, type LogRecord, type RecordBatch } from '@hybrid-sync/kafka';
import {
  deleteRevocations,
  findDeadLetters,
  forgetMalformed,
  holdAppliedOffset,
  insertRetractions,
  readAppliedOffsets,
  readGenerations,
  resolveDeadLetter,
  shareActiveGeneration,
  supersedeDeadLetters,
  packRevocations,
  upsertRevocations,
  type Generation,
  type Queryable,
  type Resolution,
  type StoredLetter,
} from '@hybrid-sync/store';
import type { LetterPlace } from './letter-place.js';
import { LaterReader } from './later-records.js';
import type { ReplayContext, ReplayOrder, ReplayOutcome } from './replay-order.js';
import { planReplay, type ReplayPlan } from './replay-plan.js';
import { foldRevocations, parserFor, type ParseRevocation } from './revocation-fold.js';

/** Projectors wait no longer than this for what is still to be read of the topic. */
const patienceMs = 3_000;
const attempts = 20;

/**
 * What came after the record in its partition is read from the topic, up to the applied offset, which stands still while
 * the key's state is written.
 */
export async function replayRevocation(
  context: ReplayContext,
  letter: StoredLetter,
  order: ReplayOrder,
): Promise<ReplayOutcome> {
  const { kafka, identity, prefix } = context;
  const parse = parserFor(identity);
  const alone = planReplay(letter, { newest: null, isDead: false }, parse);
  if (alone.kind === 'refused' || letter.key === null)
    return alone.kind === 'refused' ? alone : refused('it has no key');
  const problem = await problemOfTopic(context, letter);
  if (problem !== null) return refused(problem);
  const groupPrefix = `${prefix}.projector.dead-letters`;
  const reader = await LaterReader.open(kafka, { ...placeOf(letter), key: letter.key, groupPrefix });
  try {
    return await new Replay(context, { letter, order, parse, reader }).run();
  } finally {
    await reader.close();
  }
}

async function problemOfTopic({ kafka, prefix }: ReplayContext, letter: StoredLetter): Promise<string | null> {
  const { revocations } = topicNames(prefix);
  if (letter.topic !== revocations) return `this configuration is about topic ${revocations}`;
  try {
    return (await topicIncarnation(kafka, letter.topic)) === letter.incarnation ? null : madeAgain;
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    return `what came after the record is not known, because the topic cannot be read: ${reason}`;
  }
}

const madeAgain =
  'the topic was made again or lost records since, or no projector has looked at it yet: the record is not of what is served';

interface ReplayWork {
  readonly letter: StoredLetter;
  readonly order: ReplayOrder;
  readonly parse: ParseRevocation;
  readonly reader: LaterReader;
}

class Replay {
  readonly #context: ReplayContext;
  readonly #work: ReplayWork;

  constructor(context: ReplayContext, work: ReplayWork) {
    this.#context = context;
    this.#work = work;
  }

  /** The topic is read up to where projectors are now, and only then are they held up for what has come meanwhile. */
  async run(): Promise<ReplayOutcome> {
    for (let attempt = 1; ; attempt += 1) {
      const applied = await this.#applied();
      if (applied > (await this.#end())) return refused('the topic ends before what has been applied of it');
      await this.#work.reader.newestBelow(applied, new AbortController().signal);
      const patience = AbortSignal.timeout(patienceMs);
      try {
        return await this.#context.database.transaction((transaction) => this.#decide(transaction, patience));
      } catch (error) {
        if (!patience.aborted || attempt === attempts) throw error;
      }
    }
  }

  async #applied(): Promise<number> {
    const { topic, partition } = this.#work.letter;
    const generations = await readGenerations(this.#context.database);
    const generation = generations.find(({ state }) => state === 'active')?.generation ?? 0;
    return (await readAppliedOffsets(this.#context.database, { generation, topic })).get(partition) ?? 0;
  }

  async #end(): Promise<number> {
    const { topic, partition } = this.#work.letter;
    return (await endOffsets(this.#context.kafka, topic)).get(partition) ?? 0;
  }

  async #decide(transaction: Queryable, patience: AbortSignal): Promise<ReplayOutcome> {
    const { letter, parse, reader } = this.#work;
    const active = await shareActiveGeneration(transaction);
    if (active.incarnation !== letter.incarnation) return refused(madeAgain);
    const { generation } = active;
    const applied = await holdAppliedOffset(transaction, { ...placeOf(letter), generation });
    if (applied === null || applied <= letter.offset) return refused('the projector has still to come to the record');
    const newest = await reader.newestBelow(applied, patience);
    const isDead = newest !== null && (await isDeadLetter(transaction, newest, letter.incarnation));
    return this.#write(transaction, active, planReplay(letter, { newest, isDead }, parse));
  }

  async #write(transaction: Queryable, active: Generation, plan: ReplayPlan): Promise<ReplayOutcome> {
    const { letter, parse } = this.#work;
    if (plan.kind === 'refused') return plan;
    const outcome = plan.kind === 'apply' ? 'replayed' : 'superseded';
    if (!(await this.#resolve(transaction, active, outcome))) return refused('it has been resolved meanwhile');
    if (plan.kind === 'overtaken') return { kind: 'superseded', by: plan.by };
    const { deletes, upserts, retractions } = foldRevocations(batchOf(plan.record), parse);
    await deleteRevocations(transaction, active.slot, deletes);
    await upsertRevocations(transaction, active.slot, packRevocations(upserts));
    await forgetMalformed(transaction, letter);
    await insertRetractions(transaction, letter.incarnation, retractions);
    const { incarnation, offset: below } = letter;
    const revocationKeys = [plan.key];
    await supersedeDeadLetters(transaction, { ...placeOf(letter), incarnation, revocationKeys, below });
    return { kind: 'replayed' };
  }

  async #resolve(transaction: Queryable, { generation }: Generation, resolution: Resolution): Promise<boolean> {
    const { letter, order } = this.#work;
    return (await resolveDeadLetter(transaction, letter, { ...order, resolution, generation })) === 'resolved';
  }
}

/** Dismissed ones have not been applied either. */
async function isDeadLetter(db: Queryable, record: LogRecord, incarnation: string): Promise<boolean> {
  const letters = await findDeadLetters(db, placeOf(record));
  return letters.some(
    (letter) => letter.incarnation === incarnation && (letter.resolution === null || letter.resolution === 'dismissed'),
  );
}

function placeOf({ topic, partition, offset }: LetterPlace): LetterPlace {
  return { topic, partition, offset };
}

function batchOf(record: LogRecord): RecordBatch {
  const { topic, partition, offset: fromOffset } = record;
  const nextOffset = fromOffset + 1;
  return { topic, partition, fromOffset, nextOffset, endOffset: nextOffset, records: [record] };
}

function refused(reason: string): ReplayOutcome {
  return { kind: 'refused', reason };
}

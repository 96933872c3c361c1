import { parseRevocationKey, partitionOf, revocationPartitions } from '@hybrid-sync/domain';
import {
  countDeadLettersOf,
  findDeadLetters,
  findRevocation,
  listDeadLetters,
  resolveDeadLetter,
  type Database,
  type Queryable,
  type StoredLetter,
} from '@hybrid-sync/store';
import type { LetterChoice, LetterCommand } from './letter-arguments.js';
import { consequenceOf, type LetterSurroundings } from './letter-consequence.js';
import { letterTable } from './letter-table.js';
import { letterLines, letterView, stateText, summaryView } from './letter-view.js';
import type { ReplayOrder, ReplayOutcome } from './replay-order.js';

/** What can be asked of the desk. */
export type DeskCommand = Exclude<LetterCommand, { readonly kind: 'help' | 'invalid' }>;

/** 0: done. 1: refused. */
export type DeskExitCode = 0 | 1;

export interface DeskOptions {
  readonly database: Database;
  /** Takes one line, or several with line feeds between them. */
  readonly say: (text: string) => void;
  readonly replay: (letter: StoredLetter, order: ReplayOrder) => Promise<ReplayOutcome>;
}

/** Where operators look at dead letters and settle them. */
export class LetterDesk {
  readonly #options: DeskOptions;

  constructor(options: DeskOptions) {
    this.#options = options;
  }

  async run(command: DeskCommand): Promise<DeskExitCode> {
    switch (command.kind) {
      case 'list':
        return this.#list(command);
      case 'show':
        return this.#show(await this.#find(command.letter), command.json);
      case 'replay':
      case 'resolve':
        return this.#settle(command);
    }
  }

  async #list({
    topic,
    resolved,
    limit,
    json,
  }: Extract<DeskCommand, { readonly kind: 'list' }>): Promise<DeskExitCode> {
    const found = await listDeadLetters(this.#options.database, { topic, resolved, limit: limit + 1 });
    const views = found.slice(0, limit).map(summaryView);
    if (json) this.#say(JSON.stringify(views, null, 2));
    else if (views.length === 0) this.#say(resolved ? 'no dead letters' : 'no unresolved dead letters');
    else letterTable(views).forEach(this.#say);
    if (!json && found.length > limit) this.#say(`and more: see --limit`);
    return 0;
  }

  #show(found: readonly StoredLetter[], json: boolean): DeskExitCode {
    if (found.length === 0) return this.#refuse(unknownLetter);
    const views = found.map(letterView);
    if (json) this.#say(JSON.stringify(views, null, 2));
    else this.#say(views.map((view) => letterLines(view).join('\n')).join('\n\n'));
    return 0;
  }

  async #settle(command: Extract<DeskCommand, { readonly kind: 'replay' | 'resolve' }>): Promise<DeskExitCode> {
    const letter = onlyOpen(await this.#find(command.letter));
    if (typeof letter === 'string') return this.#refuse(letter);
    return command.kind === 'replay' ? this.#replay(letter, command) : this.#dismiss(letter, command);
  }

  async #replay(letter: StoredLetter, { by, note }: ReplayOrder): Promise<DeskExitCode> {
    const outcome = await this.#options.replay(letter, { by, note });
    if (outcome.kind === 'refused') return this.#refuse(`not replayed: ${outcome.reason}`);
    const why = outcome.kind === 'replayed' ? 'the record has been applied' : `${outcome.by} came later and stands`;
    this.#say(`${outcome.kind}: ${why}`);
    return 0;
  }

  async #dismiss(letter: StoredLetter, { by, note }: ReplayOrder): Promise<DeskExitCode> {
    if (letter.resolution !== null) return this.#refuse(`it is resolved: ${stateText(summaryView(letter))}`);
    const surroundings = await this.#options.database.transaction(async (transaction) => {
      const resolution = { resolution: 'dismissed', by, note, generation: null } as const;
      if ((await resolveDeadLetter(transaction, letter, resolution)) !== 'resolved') return null;
      return surroundingsOf(transaction, letter);
    });
    if (surroundings === null) return this.#refuse('it has been resolved meanwhile');
    this.#say('dismissed');
    consequenceOf(letter, surroundings).forEach(this.#say);
    return 0;
  }

  async #find({ incarnation, ...place }: LetterChoice): Promise<readonly StoredLetter[]> {
    const found = await findDeadLetters(this.#options.database, place);
    return found.filter((letter) => incarnation === null || letter.incarnation === incarnation);
  }

  readonly #say = (text: string): void => {
    this.#options.say(text);
  };

  #refuse(reason: string): DeskExitCode {
    this.#say(reason);
    return 1;
  }
}

const unknownLetter = 'there is no such dead letter';

/** What was dismissed may still be replayed. */
function onlyOpen(found: readonly StoredLetter[]): StoredLetter | string {
  const open = found.filter(({ resolution }) => resolution === null || resolution === 'dismissed');
  const unresolved = open.filter(({ resolution }) => resolution === null);
  const [letter, ...more] = unresolved.length > 0 ? unresolved : open;
  if (letter === undefined) {
    const [settled] = found;
    return settled === undefined ? unknownLetter : `it is resolved: ${stateText(summaryView(settled))}`;
  }
  if (more.length === 0) return letter;
  return `the topic was made again: say which with --incarnation: ${[letter, ...more].map((one) => one.incarnation).join(', ')}`;
}

async function surroundingsOf(db: Queryable, letter: StoredLetter): Promise<LetterSurroundings> {
  const { topic, partition, revocationKey } = letter;
  if (revocationKey === null) {
    const others = await countDeadLettersOf(db, { topic, revocationKeys: [], partitions: [partition] });
    return { isRevoked: false, others };
  }
  const identity = parseRevocationKey(revocationKey);
  const partitions = [partitionOf(Buffer.from(revocationKey), revocationPartitions)];
  const found = identity && (await findRevocation(db, identity.lockId, [identity.signatureHash]));
  return {
    isRevoked: found !== null,
    others: await countDeadLettersOf(db, { topic, revocationKeys: [revocationKey], partitions }),
  };
}

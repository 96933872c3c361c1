import { parseArgs } from 'node:util';
import { z } from 'zod';
import { parsePlace, type LetterPlace } from './letter-place.js';

/** Which letter, and of which incarnation of its topic where several have one at that place. */
export interface LetterChoice extends LetterPlace {
  readonly incarnation: string | null;
}

export type LetterCommand =
  | {
      readonly kind: 'list';
      readonly topic: string | null;
      readonly resolved: boolean;
      readonly limit: number;
      readonly json: boolean;
    }
  | { readonly kind: 'show'; readonly letter: LetterChoice; readonly json: boolean }
  | { readonly kind: 'replay'; readonly letter: LetterChoice; readonly by: string; readonly note: string | null }
  | { readonly kind: 'resolve'; readonly letter: LetterChoice; readonly by: string; readonly note: string }
  | { readonly kind: 'help' }
  | { readonly kind: 'invalid'; readonly problem: string };

export const letterUsage = `Usage: dead-letters.js <command>

  list     [--topic <name>] [--unresolved | --all] [--limit <n>] [--json]
           The letters, the newest first; only the unresolved ones unless --all is given.
  show     <topic>/<partition>/<offset> [--json]
           One letter as it came. Of the entries topic nothing is shown that may be a signature.
  replay   <topic>/<partition>/<offset> --by <who> [--note <text>]
           Applies the record after all, if this version can read it.
  resolve  <topic>/<partition>/<offset> --by <who> --note <text>
           Leaves the record out for good, and says what that means for answers.

  --incarnation <text>  which of several letters at the same place of a topic that was made again
  --help                this text

Exit codes: 0 done, 1 refused or failed, 2 wrong usage.
`;

/** What the command line of dead-letters.js asks for. */
export function letterArguments(args: readonly string[]): LetterCommand {
  const given = givenOrProblem(args);
  if (typeof given === 'string') return { kind: 'invalid', problem: given };
  const { help, ...values } = given.values;
  const [name, place, ...more] = given.positionals;
  if (help === true || name === 'help') return { kind: 'help' };
  if (more.length > 0) return { kind: 'invalid', problem: `unexpected argument: ${more.join(' ')}` };
  const parsed = command.safeParse({ ...values, kind: name, ...(place === undefined ? {} : { letter: place }) });
  return parsed.success ? commandOf(parsed.data) : { kind: 'invalid', problem: problemsOf(parsed.error, name) };
}

const options = {
  topic: { type: 'string' },
  unresolved: { type: 'boolean' },
  all: { type: 'boolean' },
  limit: { type: 'string' },
  json: { type: 'boolean' },
  by: { type: 'string' },
  note: { type: 'string' },
  incarnation: { type: 'string' },
  help: { type: 'boolean' },
} as const;

type Given = ReturnType<typeof parse>;

function givenOrProblem(args: readonly string[]): Given | string {
  try {
    return parse(args);
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

function parse(args: readonly string[]) {
  return parseArgs({ args: [...args], options, strict: true, allowPositionals: true });
}

const flag = z.boolean().default(false);
const letter = z.string('name a letter: <topic>/<partition>/<offset>').transform((text, context) => {
  const place = parsePlace(text);
  if (place !== null) return place;
  context.addIssue({ code: 'custom', message: 'a letter is <topic>/<partition>/<offset>, as the list shows it' });
  return z.NEVER;
});
const limit = z
  .string()
  .regex(/^[1-9][0-9]{0,5}$/, 'must be a number from 1 to 999999')
  .transform(Number);
const incarnation = z.string().optional();
const by = textOf('who does this', 200);
const note = textOf('why', 1_000);

const command = z.discriminatedUnion('kind', [
  z.strictObject({
    kind: z.literal('list'),
    topic: z.string().optional(),
    unresolved: flag,
    all: flag,
    limit: limit.default(100),
    json: flag,
  }),
  z.strictObject({ kind: z.literal('show'), letter, incarnation, json: flag }),
  z.strictObject({ kind: z.literal('replay'), letter, incarnation, by, note: note.optional() }),
  z.strictObject({ kind: z.literal('resolve'), letter, incarnation, by, note }),
]);

function commandOf(parsed: z.infer<typeof command>): LetterCommand {
  if (parsed.kind === 'list') {
    const { kind, topic = null, all, unresolved, limit: most, json } = parsed;
    if (all && unresolved) return { kind: 'invalid', problem: '--all and --unresolved exclude each other' };
    return { kind, topic, resolved: all, limit: most, json };
  }
  const chosen = { ...parsed.letter, incarnation: parsed.incarnation ?? null };
  if (parsed.kind === 'show') return { kind: 'show', letter: chosen, json: parsed.json };
  if (parsed.kind === 'resolve') return { kind: 'resolve', letter: chosen, by: parsed.by, note: parsed.note };
  return { kind: 'replay', letter: chosen, by: parsed.by, note: parsed.note ?? null };
}

/** It is shown to people and kept in the database. */
function textOf(meaning: string, atMost: number): z.ZodString {
  const problem = `say ${meaning}, in 1 to ${atMost} characters without control characters`;
  return z
    .string(problem)
    .trim()
    .min(1, problem)
    .max(atMost, problem)
    .refine((text) => text.isWellFormed() && !/\p{Cc}/u.test(text), problem);
}

function problemsOf(error: z.ZodError, name: string | undefined): string {
  if (name === undefined) return 'name a command';
  return error.issues.map((issue) => problemOf(issue, name)).join('; ');
}

function problemOf(issue: z.core.$ZodIssue, name: string): string {
  if (issue.code === 'invalid_union') return `there is no command ${name}`;
  if (issue.code === 'unrecognized_keys') return `${name} takes no ${issue.keys.map(optionText).join(', ')}`;
  return `${optionText(String(issue.path[0] ?? ''))}: ${issue.message}`;
}

function optionText(key: string): string {
  return key === 'letter' ? 'letter' : `--${key}`;
}

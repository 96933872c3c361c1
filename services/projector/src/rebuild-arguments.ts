import { parseArgs } from 'node:util';

export type RebuildArguments =
  | { readonly kind: 'rebuild' | 'switch-back'; readonly reason: string | null }
  | { readonly kind: 'invalid'; readonly problem: string };

const longestReason = 200;

/** What the command line of rebuild.js asks for: `[--switch-back] [--reason text]`. */
export function rebuildArguments(args: readonly string[]): RebuildArguments {
  const parsed = parsedOrProblem(args);
  if (typeof parsed === 'string') return { kind: 'invalid', problem: parsed };
  const reason = parsed.reason?.trim() ?? null;
  if (reason !== null && (reason === '' || reason.length > longestReason))
    return { kind: 'invalid', problem: `--reason must have 1 to ${longestReason} characters` };
  return { kind: parsed['switch-back'] === true ? 'switch-back' : 'rebuild', reason };
}

interface Given {
  readonly 'switch-back'?: boolean | undefined;
  readonly reason?: string | undefined;
}

function parsedOrProblem(args: readonly string[]): Given | string {
  try {
    const options = { 'switch-back': { type: 'boolean' }, reason: { type: 'string' } } as const;
    return parseArgs({ args: [...args], options, strict: true, allowPositionals: false }).values;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

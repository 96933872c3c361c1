import { utf8ToBytes } from '@noble/hashes/utils.js';
import { z } from 'zod';

const maxBytes = 16_384;
/** Objects and lists inside each other. Beyond some thousands neither JSON.stringify nor Postgres can follow. */
const maxDepth = 20;

const plainJson = z.unknown().superRefine((value, context) => {
  const problem = problemOf(value, 1) ?? sizeProblemOf(value);
  if (problem !== null) context.addIssue({ code: 'custom', message: problem });
});

/** What a caller adds to an entry: a JSON object of at most 16 KiB that Postgres can keep as it is. */
export const entryMetadata = plainJson.pipe(z.record(z.string(), z.unknown()));

/** Text that Postgres takes and UTF-8 can carry. */
export function isStorable(text: string): boolean {
  return text.isWellFormed() && !text.includes('\0');
}

function problemOf(value: unknown, depth: number): string | null {
  if (typeof value === 'string') return isStorable(value) ? null : 'must hold no NUL and no lone surrogate';
  if (typeof value === 'number') return Number.isFinite(value) ? null : 'must hold numbers that a double can hold';
  if (typeof value !== 'object' || value === null) return null;
  if (depth > maxDepth) return `must not be nested deeper than ${maxDepth}`;
  return Array.isArray(value) ? problemIn(value, depth) : problemInObject(value, depth);
}

/** A field of that name would be lost on the way. */
function problemInObject(value: object, depth: number): string | null {
  if (Object.hasOwn(value, '__proto__')) return 'must have no field __proto__';
  return problemIn(Object.entries(value).flat(), depth);
}

function problemIn(values: readonly unknown[], depth: number): string | null {
  for (const value of values) {
    const problem = problemOf(value, depth + 1);
    if (problem !== null) return problem;
  }
  return null;
}

function sizeProblemOf(value: unknown): string | null {
  const bytes = utf8ToBytes(JSON.stringify([value])).length - '[]'.length;
  return bytes <= maxBytes ? null : `must be at most ${maxBytes} bytes of JSON`;
}

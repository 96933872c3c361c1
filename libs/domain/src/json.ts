import type { z } from 'zod';

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** Null where the bytes are not UTF-8. A byte order mark is kept, so that it is never part of a valid key. */
export function decodeUtf8(bytes: Uint8Array): string | null {
  try {
    return utf8.decode(bytes);
  } catch {
    return null;
  }
}

/** Undefined where the bytes are not JSON in UTF-8. */
export function parseJson(bytes: Uint8Array): unknown {
  const text = decodeUtf8(bytes);
  if (text === null) return undefined;
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

const longestDescription = 500;

/**
 * Every problem in one line, by path. The values themselves are not repeated, but names that a stranger chose may be:
 * what no database column or terminal takes is replaced, and the line is cut at 500 characters.
 */
export function describeProblems(error: z.ZodError): string {
  const problems = error.issues.map((issue) => `${issue.path.join('.') || 'value'}: ${issue.message}`);
  return problems
    .join('; ')
    .slice(0, longestDescription)
    .replace(/[\p{Cc}\p{Cs}]/gu, '\ufffd');
}

const longest = 200;

/** A warning or error of a JSON log line, or a line that is no JSON, in short; nothing for the rest. */
export function shortWarning(line: string): string | undefined {
  const entry = parse(line);
  if (entry === undefined) return line.trim() === '' ? undefined : line.slice(0, longest);
  const { level, msg } = entry;
  if (level !== 'warn' && level !== 'error' && level !== 'fatal') return undefined;
  const reason = reasonOf(entry);
  return `${level} ${String(msg)}${reason === undefined ? '' : `: ${reason}`}`.slice(0, longest);
}

function parse(line: string): Record<string, unknown> | undefined {
  if (!line.startsWith('{')) return undefined;
  try {
    const entry: unknown = JSON.parse(line);
    return typeof entry === 'object' && entry !== null ? { ...entry } : undefined;
  } catch {
    return undefined;
  }
}

function reasonOf(entry: Record<string, unknown>): string | undefined {
  const error = entry['error'] ?? entry['err'];
  if (typeof error === 'object' && error !== null && 'message' in error) return String(error.message);
  for (const text of [entry['reason'], entry['problems']]) if (text !== undefined) return JSON.stringify(text);
  return undefined;
}

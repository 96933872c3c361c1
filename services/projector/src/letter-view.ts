import type { LetterSummary, StoredLetter } from '@hybrid-sync/store';
import { placeText } from './letter-place.js';
import { letterTopic } from './letter-topic.js';
import { printableLine, showBytes, type ShownBytes } from './shown-bytes.js';
import { showEntry, showEntryKey } from './shown-entry.js';

/** What people may know of a dead letter at a glance. */
export interface SummaryView {
  readonly letter: string;
  readonly incarnation: string;
  readonly reason: string;
  readonly key: ShownBytes | null;
  /** `lockId-signatureHash` where the key can be read. */
  readonly revocationKey: string | null;
  readonly createdAt: string;
  readonly resolution: string | null;
  readonly resolvedAt: string | null;
  readonly resolvedBy: string | null;
  readonly note: string | null;
}

/** A dead letter as people may see it. */
export interface LetterView extends SummaryView {
  readonly value: ShownBytes | null;
  readonly headers: Readonly<Record<string, ShownBytes>>;
}

export function summaryView(letter: LetterSummary): SummaryView {
  const { key, resolvedAt, resolvedBy, note } = letter;
  return {
    letter: placeText(letter),
    incarnation: letter.incarnation,
    reason: printableLine(letter.reason),
    key: key === null ? null : showers[letterTopic(letter.topic)].key(key),
    revocationKey: letter.revocationKey,
    createdAt: letter.createdAt.toISOString(),
    resolution: letter.resolution,
    resolvedAt: resolvedAt?.toISOString() ?? null,
    resolvedBy: resolvedBy === null ? null : printableLine(resolvedBy),
    note: note === null ? null : printableLine(note),
  };
}

export function letterView(letter: StoredLetter): LetterView {
  const { topic, value, headers } = letter;
  const show = showers[letterTopic(topic)];
  const shown = Object.entries(headers).map(
    ([name, base64]) => [printableLine(name), show.header(bytesOf(base64))] as const,
  );
  return {
    ...summaryView(letter),
    value: value === null ? null : show.value(value),
    headers: Object.fromEntries(shown),
  };
}

/** The view in lines, one for each thing to know. */
export function letterLines(view: LetterView): readonly string[] {
  return [
    line('letter', view.letter),
    line('incarnation', view.incarnation === '' ? 'not known' : view.incarnation),
    line('reason', view.reason),
    line('met', view.createdAt),
    line('key', shownText(view.key)),
    line('value', shownText(view.value)),
    ...Object.entries(view.headers).map(([name, bytes]) => line(`header ${name}`, shownText(bytes))),
    line('state', stateText(view)),
    ...(view.note === null ? [] : [line('note', view.note)]),
  ];
}

/** What became of it. */
export function stateText({ resolution, resolvedBy, resolvedAt }: SummaryView): string {
  if (resolution === null) return 'unresolved';
  return [resolution, resolvedBy === null ? '' : `by ${resolvedBy}`, `at ${resolvedAt ?? '?'}`]
    .filter(Boolean)
    .join(' ');
}

/** Bytes as text; lines after the first are set in. */
export function shownText(bytes: ShownBytes | null): string {
  if (bytes === null) return 'none';
  if ('text' in bytes) return bytes.text.replaceAll('\n', `\n${' '.repeat(indent)}`);
  return 'base64' in bytes ? `base64 ${bytes.base64}` : `withheld, ${bytes.withheldBytes} bytes`;
}

const indent = 14;

function line(name: string, text: string): string {
  return `${name.padEnd(indent - 1)} ${text}`;
}

function bytesOf(base64: string): Buffer {
  return Buffer.from(base64, 'base64');
}

interface Showers {
  readonly key: (bytes: Uint8Array) => ShownBytes;
  readonly value: (bytes: Uint8Array) => ShownBytes;
  readonly header: (bytes: Uint8Array) => ShownBytes;
}

const asItIs: Showers = { key: showBytes, value: showBytes, header: showBytes };

/** An entry holds a live signature; a header of a stranger may. */
const showers = {
  revocations: asItIs,
  other: asItIs,
  entries: { key: showEntryKey, value: showEntry, header: ({ length }) => ({ withheldBytes: length }) },
} satisfies Record<ReturnType<typeof letterTopic>, Showers>;

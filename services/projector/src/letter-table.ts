import { shownText, stateText, type SummaryView } from './letter-view.js';

const longestCell = 80;

/** One line per letter under a line of headings; columns as wide as what they hold. */
export function letterTable(views: readonly SummaryView[]): readonly string[] {
  const rows = [['LETTER', 'MET', 'KEY', 'STATE', 'REASON'], ...views.map(cells)];
  const widths = rows.reduce<readonly number[]>(
    (widest, row) => row.map((cell, column) => Math.max(cell.length, widest[column] ?? 0)),
    [],
  );
  return rows.map((row) =>
    row
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join('  ')
      .trimEnd(),
  );
}

function cells(view: SummaryView): readonly string[] {
  const { letter, createdAt, revocationKey, key, resolution, reason } = view;
  const state = resolution ?? stateText(view);
  return [letter, createdAt, cut(revocationKey ?? shownText(key)), state, cut(reason)];
}

function cut(text: string): string {
  const [first = ''] = text.split('\n');
  return first.length > longestCell ? `${first.slice(0, longestCell - 1)}…` : first;
}

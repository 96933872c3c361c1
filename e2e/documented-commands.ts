import { readFileSync } from 'node:fs';
import { inCheckout } from '@hybrid-sync/devstack';

/** The code blocks of a page of the checkout that are marked with the language, in order. */
export function blocksOf(page: string, language: string): readonly string[] {
  const text = readFileSync(inCheckout(page), 'utf8');
  return [...text.matchAll(/^```(\w*)\n([\s\S]*?)^```$/gm)].flatMap(([, marked, block = '']) =>
    marked === language ? [block.trim()] : [],
  );
}

/** One per line of the `sh` blocks. */
export function commandsOf(page: string): readonly string[] {
  return blocksOf(page, 'sh').flatMap((block) => block.split('\n'));
}

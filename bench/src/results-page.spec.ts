import { describe, expect, it } from '@jest/globals';
import { markdownOf, withMeasured } from './results-page.js';

const page = `# Results
Written by hand.
<!-- measured: one -->
old
<!-- end of what was measured -->
What bounds it.
<!-- measured: two -->
other
<!-- end of what was measured -->
`;

describe('withMeasured', () => {
  it('replaces what the scenario measured before and nothing else', () => {
    const changed = withMeasured(page, 'one', 'new');
    expect(changed).toContain('<!-- measured: one -->\n\nnew\n\n<!-- end of what was measured -->\nWhat bounds it.');
    expect(changed).not.toContain('old');
    expect(changed).toContain('Written by hand.');
    expect(changed).toContain('other');
  });

  it('refuses a scenario that the page has no place for', () => {
    expect(() => withMeasured(page, 'three', 'new')).toThrow('no place for three');
  });
});

describe('markdownOf', () => {
  it('is a table with its circumstances', () => {
    const measured = { heading: ['what', 'ms'], rows: [['fetch', '12']], circumstances: 'Somewhere.' };
    expect(markdownOf(measured)).toBe('| what | ms |\n| --- | --: |\n| fetch | 12 |\n\nSomewhere.');
  });
});

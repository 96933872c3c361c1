import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { redact } from './redaction.js';

const key = 'c4naryK3y~9';
const hostKey = key.replace('~', '-');
const urls = [
  `https://rpc.example/v3/${key}`,
  `https://rpc.example/?apikey=${key}&x=1`,
  `https://${hostKey}.rpc.example/`,
  `https://rpc.example/a%20b/${key}`,
];

/** The ways in which a text may come back. */
const spellings: readonly [string, (text: string) => string][] = [
  ['as it is', (text) => text],
  ['in capitals', (text) => text.toUpperCase()],
  ['in small letters', (text) => text.toLowerCase()],
  ['percent-encoded', (text) => Array.from(text, (c) => `%${c.charCodeAt(0).toString(16)}`).join('')],
  ['percent-encoded in part', (text) => encodeURIComponent(text).replace('~', '%7E')],
  ['percent-encoded twice', (text) => Array.from(text, (c) => `%25${c.charCodeAt(0).toString(16)}`).join('')],
  ['in HTML entities', (text) => Array.from(text, (c) => `&#${c.charCodeAt(0)};`).join('')],
  ['in hexadecimal HTML entities', (text) => Array.from(text, (c) => `&#x${c.charCodeAt(0).toString(16)};`).join('')],
  ['in JSON', (text) => JSON.stringify(text).replaceAll('/', '\\/')],
];

/** What is left of a text once every way of writing a character is undone. */
function plain(text: string): string {
  let decoded = text;
  for (let turn = 0; turn < 3; turn += 1)
    decoded = decoded
      .replace(/%([0-9a-f]{2})/gi, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)))
      .replace(/&#x([0-9a-f]+);/gi, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)))
      .replace(/&#(\d+);/g, (_, code: string) => String.fromCharCode(Number(code)));
  return decoded.replaceAll('\\', '').toLowerCase();
}

describe('what an endpoint says', () => {
  it.each(spellings)('holds no key where it quotes one %s', (_, spell) => {
    for (const url of urls) {
      for (const quoted of [url.includes(hostKey) ? hostKey : key, url, url.slice(8), new URL(url).hostname]) {
        const said = redact(`the project ${spell(quoted)} is over (${spell(quoted)})`, url);
        expect(plain(said)).not.toContain('c4nary');
        expect(said).toContain('the project');
        expect(said).toContain('is over');
      }
    }
  });

  it('holds no key, wherever and however often it is quoted', () => {
    const noise = fc.string({ unit: 'grapheme' });
    const spell = fc.constantFrom(...spellings.map(([, spelling]) => spelling));
    fc.assert(
      fc.property(fc.array(fc.tuple(noise, spell), { minLength: 1, maxLength: 300 }), (parts) => {
        const text = parts.map(([before, spelling]) => `${before} ${spelling(key)} `).join('');
        expect(plain(redact(text, urls[0] ?? ''))).not.toContain('c4nary');
      }),
    );
  });

  it('holds no part of a key where a long text is cut', () => {
    for (let length = 19_970; length <= 20_010; length += 1) {
      const said = redact(
        `${key} `
          .repeat(length / 12)
          .slice(0, length)
          .padEnd(30_000, key),
        urls[0] ?? '',
      );
      expect(said).not.toMatch(/c4nar/);
    }
  });

  it('holds no URL, no colour and no line break', () => {
    const said = redact(
      'see https://other.example/key?x=1,\r\n\u001b[31mwss://third.example\u001b[0m now',
      urls[0] ?? '',
    );
    expect(said).toBe('see …  … now');
  });

  it('is otherwise what it said, 300 characters of it', () => {
    expect(redact('  query returned more than 10000 results ', urls[0] ?? '')).toBe(
      'query returned more than 10000 results',
    );
    expect(redact('x'.repeat(1_000), urls[0] ?? '')).toHaveLength(300);
  });
});

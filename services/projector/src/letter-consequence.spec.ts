import { describe, expect, it } from '@jest/globals';
import { consequenceOf } from './letter-consequence.js';
import { storedLetter } from './testing/letters.js';

const key = '7-0xab';
const none = { isRevoked: false, others: 0 };
const said = (letter: Parameters<typeof consequenceOf>[0], surroundings: Parameters<typeof consequenceOf>[1]): string =>
  consequenceOf(letter, surroundings).join(' ');

describe('leaving a record out for good', () => {
  it('may make "not revoked" be said of its key, and says so', () => {
    expect(said(storedLetter({ revocationKey: key }), none)).toContain(
      `no revocation of ${key}: from now on "not revoked"`,
    );
    expect(said(storedLetter({ revocationKey: key }), none)).toContain('order a force-sync');
  });

  it('changes nothing for a key that is revoked', () => {
    expect(said(storedLetter({ revocationKey: key }), { ...none, isRevoked: true })).toContain(
      '"revoked" goes on being said',
    );
  });

  it('may make "not revoked" be said of a whole partition where the key cannot be read', () => {
    expect(said(storedLetter({ revocationKey: null }), none)).toContain('all keys of partition 3');
  });

  it('changes nothing yet while other letters say the same', () => {
    for (const revocationKey of [key, null]) {
      expect(said(storedLetter({ revocationKey }), { ...none, others: 2 })).toMatch(
        /^2 more unresolved: .* still not said/,
      );
    }
  });

  it('changes no answer where the record is of another topic', () => {
    for (const topic of ['x.signature-entries.v1', 'x.sync-status.v1']) {
      expect(said(storedLetter({ topic, revocationKey: null }), none)).toContain('No answer about a revocation');
    }
  });
});

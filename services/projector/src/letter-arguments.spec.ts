import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { letterArguments } from './letter-arguments.js';
import { parsePlace, placeText } from './letter-place.js';

const place = 'sepolia.signature-revocations.v1/3/77';
const letter = { topic: 'sepolia.signature-revocations.v1', partition: 3, offset: 77, incarnation: null };
const of = (text: string): ReturnType<typeof letterArguments> => letterArguments(text.split(' ').filter(Boolean));

describe('the command line of dead-letters.js', () => {
  it.each([
    ['list', { kind: 'list', topic: null, resolved: false, limit: 100, json: false }],
    ['list --unresolved', { kind: 'list', topic: null, resolved: false, limit: 100, json: false }],
    ['list --all --json', { kind: 'list', topic: null, resolved: true, limit: 100, json: true }],
    ['list --topic t --limit 5', { kind: 'list', topic: 't', resolved: false, limit: 5, json: false }],
    [`show ${place}`, { kind: 'show', letter, json: false }],
    [`show --json ${place} --incarnation x`, { kind: 'show', letter: { ...letter, incarnation: 'x' }, json: true }],
    [`replay ${place} --by ann`, { kind: 'replay', letter, by: 'ann', note: null }],
    [`replay ${place} --by ann --note new`, { kind: 'replay', letter, by: 'ann', note: 'new' }],
    [`resolve ${place} --by=ann --note=noise`, { kind: 'resolve', letter, by: 'ann', note: 'noise' }],
    ['--help', { kind: 'help' }],
    ['help', { kind: 'help' }],
    ['list --help', { kind: 'help' }],
  ])('takes "%s"', (text, command) => {
    expect(of(text)).toEqual(command);
  });

  it.each([
    ['', 'name a command'],
    ['delete', 'there is no command delete'],
    ['list --all --unresolved', '--all and --unresolved exclude each other'],
    ['list --limit 0', '--limit: must be a number from 1 to 999999'],
    ['list --limit x', '--limit: must be a number from 1 to 999999'],
    ['list --by ann', 'list takes no --by'],
    [`list ${place}`, 'list takes no letter'],
    ['list --topic', "Option '--topic <value>' argument missing"],
    ['list --loud', "Unknown option '--loud'"],
    ['show', 'letter: name a letter: <topic>/<partition>/<offset>'],
    ['show 77', 'letter: a letter is <topic>/<partition>/<offset>'],
    [`show ${place} twice`, 'unexpected argument: twice'],
    [`show ${place} --all`, 'show takes no --all'],
    [`replay ${place}`, '--by: say who does this'],
    [`resolve ${place} --by ann`, '--note: say why'],
    [`resolve ${place} --note noise`, '--by: say who does this'],
    [`resolve ${place} --by= --note=x`, '--by: say who does this'],
  ])('refuses "%s" with the reason', (text, problem) => {
    const parsed = of(text);
    expect(parsed.kind === 'invalid' ? parsed.problem : parsed).toContain(problem);
  });

  it('refuses a name or a note that could not be shown', () => {
    for (const text of [' ', 'a\u001b[2J', 'a\0', '\ud800', 'x'.repeat(1_001)]) {
      expect(letterArguments(['resolve', place, '--by', text, '--note', 'x'])).toMatchObject({ kind: 'invalid' });
      expect(letterArguments(['resolve', place, '--by', 'ann', '--note', text])).toMatchObject({ kind: 'invalid' });
    }
  });
});

describe('the place of a letter', () => {
  it('is read back from its text', () => {
    const topics = fc.stringMatching(/^[a-zA-Z0-9._-]{1,249}$/);
    fc.assert(
      fc.property(topics, fc.nat(), fc.nat({ max: 999_999_999_999_999 }), (topic, partition, offset) => {
        expect(parsePlace(placeText({ topic, partition, offset }))).toEqual({ topic, partition, offset });
      }),
    );
  });

  it.each(['', 't', 't/1', 't/1/2/3', 't/-1/2', 't/01/2', 't/1/2.5', '/1/2', 't/1/', 't/1/99999999999999999', 'ä/1/2'])(
    'is not "%s"',
    (text) => {
      expect(parsePlace(text)).toBeNull();
    },
  );
});

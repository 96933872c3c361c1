import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { randomBytes } from 'node:crypto';
import { draftKinds, keyOf, recordOf, type DraftKind } from '../projection/drafts.js';
import { revocations } from '../projection/revocations.js';
import { Servers } from '../projection/servers.js';
import { expectFolded } from '../projection/verdict.js';
import { World } from '../projection/world.js';
import type { Outgoing } from '../topic-session.js';

const patience = 120_000;
let servers: Servers;
let world: World;

beforeAll(async () => {
  servers = await Servers.start();
  world = await World.on(servers);
  await world.start(1);
}, patience);
afterAll(async () => {
  await world.close().finally(() => servers.close());
}, patience);

const good = (revocation = 0): Outgoing => recordOf({ kind: 'revoked', revocation, log: 1, source: 'realtime' });
/** Not noticed where a later record of the key comes in the same batch: then nobody tries to store it. */
const unstorable: readonly DraftKind[] = ['more than a column holds', 'before the first year'];

describe('a record that nobody here would write', () => {
  it(
    'is what the fold says, before, between and after good ones of its key, whatever is wrong with it (F54, X72, X73, X74)',
    async () => {
      for (const [index, kind] of draftKinds.entries()) {
        const [first, between, last] = [1_000, 2_000, 3_000].map((from) => from + index);
        const bad = (revocation = 0): Outgoing => recordOf({ kind, revocation, log: 0, source: null });
        await world.write('revocations', [bad(first), good(first), good(between), bad(between), good(between)]);
        await world.write('revocations', [good(last), bad(last)]);
      }
      await expectFolded(world);
    },
    patience,
  );

  it.each(unstorable)(
    'takes its key back where the database refuses it: %s (F54)',
    async (kind) => {
      const revocation = 30 + unstorable.indexOf(kind);
      await world.write('revocations', [
        good(revocation),
        recordOf({ kind, revocation, log: 0, source: null }),
        good(40),
      ]);
      await expectFolded(world);
    },
    patience,
  );

  it(
    'is refused by the broker where it has no key, or 10 MB (X77)',
    async () => {
      const revoked = good(10);
      await expect(world.write('revocations', [{ ...revoked, key: null }])).rejects.toThrow('InvalidRecord');
      const large = Buffer.alloc(10_000_000);
      await expect(world.write('revocations', [{ ...revoked, value: large }])).rejects.toThrow('RecordTooLarge');
    },
    patience,
  );

  it(
    'with 10,000 headers, or as large as a broker takes it, is applied or put aside as it is (X77)',
    async () => {
      const headers = Object.fromEntries(Array.from({ length: 10_000 }, (_, index) => [`name-${index}`, 'x']));
      const noise = { key: Buffer.from(keyOf(12)), value: randomBytes(1_000_000) };
      await world.write('revocations', [{ ...good(11), headers }]);
      await world.write('revocations', [noise]);
      await world.write('revocations', [{ ...noise, headers: { ä: 'b' } }]);
      await world.write('revocations', revocations(20, 5));
      await expectFolded(world);
    },
    patience,
  );
});

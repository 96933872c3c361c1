import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { ServiceProcess } from '../../../libs/runtime/src/testing/service-process.js';
import { encodeRebuildCommand } from '@hybrid-sync/domain';
import { dropSecondaryIndexes } from '@hybrid-sync/store';
import { until } from '../../../libs/runtime/src/testing/until.js';
import { beginRebuild } from './rebuild-begin.js';
import { builderOf, generationOf } from './testing/building.js';
import { Deployment } from './testing/deployment.js';
import { hold, keysOf, liveKeys, many, publish, somebodyWaits } from './testing/revocation-rows.js';

const patience = 120_000;
let deployment: Deployment;

beforeEach(async () => {
  deployment = await Deployment.create();
}, patience);
afterEach(() => deployment.drop(), patience);

/** Without what the driver says of a broker that is busy. */
const messagesOf = ({ lines }: ServiceProcess): readonly string[] =>
  lines.filter(({ text }) => !text.includes('"level":"warn"')).map(({ message }) => message);

/** What a builder waits for, by the locks of others, on its way. */
const stations = {
  'it applies': 'slot_counts in share mode',
  'its indexes are made': 'revocations_b in row exclusive mode',
  'it switches': 'active_generation in row exclusive mode',
} as const;

/** A rebuild that waits on its way until `end`. */
async function heldWhile(
  station: keyof typeof stations,
): Promise<{ readonly process: ServiceProcess; end(): Promise<void> }> {
  // What comes before the station must not wait for the same lock.
  const { database, source } = builderOf(deployment).options;
  const begun = await beginRebuild(database, source, { reason: 'test', commandId: null });
  expect(begun).toMatchObject({ generation: 2 });
  await dropSecondaryIndexes(database, 'b');
  const held = await hold(deployment, stations[station]);
  const process = deployment.tool('rebuild.js');
  await process.said('building');
  await somebodyWaits(deployment);
  return { process, end: () => held.end() };
}

async function killedWhile(station: keyof typeof stations): Promise<void> {
  const held = await heldWhile(station);
  await held.process.kill();
  await held.end();
}

describe('rebuild.js', () => {
  it(
    'says how far it is and that it has switched, while no projector runs',
    async () => {
      await publish(deployment, many(0, 300));
      const process = deployment.tool('rebuild.js', '--reason', 'a new parser');
      expect(await process.exited).toBe(0);
      expect(messagesOf(process)).toEqual(['building', 'rebuild', 'indexed', 'switched']);
      expect(JSON.parse(await process.said('rebuild'))).toMatchObject({ applied: 300, target: 300, secondsLeft: 0 });
      expect(await generationOf(deployment, 'active')).toMatchObject({ generation: 2, reason: 'a new parser' });
      expect(await liveKeys(deployment)).toEqual(keysOf(many(0, 300)));
    },
    patience,
  );

  it(
    'is gone on with by the next one, wherever it is killed',
    async () => {
      await publish(deployment, many(0, 300));
      await killedWhile('it applies');
      await killedWhile('its indexes are made');
      await killedWhile('it switches');
      expect(await liveKeys(deployment)).toEqual([]);
      expect(await deployment.tool('rebuild.js').exited).toBe(0);
      expect(await generationOf(deployment, 'active')).toMatchObject({ generation: 2 });
      expect(await liveKeys(deployment)).toEqual(keysOf(many(0, 300)));
      const indexes = await deployment.store.rows(`select from pg_indexes where tablename = 'revocations_b'`);
      expect(indexes).toHaveLength(3);
    },
    patience,
  );

  it.each(['it applies', 'its indexes are made', 'it switches'] as const)(
    'is gone on with by a projector where it is killed while %s',
    async (station) => {
      await publish(deployment, many(0, 300));
      await killedWhile(station);
      const { process } = await deployment.start();
      await process.said('switched');
      expect(await generationOf(deployment, 'active')).toMatchObject({ generation: 2 });
      await publish(deployment, many(300, 100));
      await deployment.applied();
      expect(await liveKeys(deployment)).toEqual(keysOf(many(0, 400)));
    },
    patience,
  );

  it(
    'stops when it is told to, and another one that comes while it builds says that it is busy',
    async () => {
      await publish(deployment, many(0, 300));
      const held = await heldWhile('it applies');
      const { process } = held;
      const other = deployment.tool('rebuild.js');
      expect(await other.exited).toBe(1);
      expect(messagesOf(other)).toEqual(['busy: another process builds']);
      const stopped = process.stop();
      await held.end();
      expect(await stopped).toBe(1);
      expect(messagesOf(process).at(-1)).toBe('stopped: the next rebuild or a projector goes on from here');
      expect(await generationOf(deployment, 'building')).toMatchObject({ generation: 2 });
    },
    patience,
  );

  it(
    'refuses what it cannot do, and says why',
    async () => {
      const misspelt = deployment.tool('rebuild.js', '--switchback');
      const back = deployment.tool('rebuild.js', '--switch-back');
      expect(await misspelt.exited).toBe(1);
      expect(messagesOf(misspelt)).toEqual(['usage: rebuild.js [--switch-back] [--reason text]']);
      expect(await back.exited).toBe(1);
      expect(await back.said('refused')).toContain('there is no former generation');
    },
    patience,
  );

  it(
    'switches back while a projector runs, which goes on with the generation that is active',
    async () => {
      const { process } = await deployment.start();
      await publish(deployment, many(0, 100));
      await deployment.applied();
      expect(await deployment.tool('rebuild.js').exited).toBe(0);
      await publish(deployment, many(100, 100));
      await deployment.applied();
      expect(await deployment.tool('rebuild.js', '--switch-back').exited).toBe(0);
      expect(await generationOf(deployment, 'active')).toMatchObject({ generation: 1 });
      await publish(deployment, many(200, 100));
      await deployment.applied();
      expect(await liveKeys(deployment)).toEqual(keysOf(many(0, 300)));
      expect(await process.stop()).toBe(0);
    },
    patience,
  );
});

describe('a command to rebuild', () => {
  it(
    'is taken up by a projector, once',
    async () => {
      await publish(deployment, many(0, 100));
      const { process } = await deployment.start();
      const request = deployment.tool('request-rebuild.js');
      expect(await request.exited).toBe(0);
      await process.said('switched');
      const ordered = await generationOf(deployment, 'active');
      expect(ordered).toMatchObject({ generation: 2, reason: 'rebuild' });
      expect(await request.said('rebuild ordered')).toContain(String(ordered?.commandId));
      await deployment.store.rows(`delete from applied_offsets where topic = '${deployment.topics.commands}'`);
      await process.kill();
      const { process: next } = await deployment.start();
      await until(async () => ((await commandsApplied()) ? true : undefined));
      expect(messagesOf(next)).toContain('command is known');
      expect(await generationOf(deployment, 'building')).toBeNull();
      expect(await generationOf(deployment, 'active')).toMatchObject({ generation: 2 });
    },
    patience,
  );

  it(
    'is left alone, with a word, where no projector has taken it up in time',
    async () => {
      const commandId = '0b5d5f2e-3f0c-4a57-9b1a-0d7a1c9d2e11';
      const times = { requestedAt: '2026-01-01T00:00:00Z', expiresAt: '2026-01-01T00:10:00Z' };
      const value = encodeRebuildCommand({ commandId, requestedBy: 'test', ...times });
      await deployment.publisher.publish(deployment.topics.commands, [{ key: commandId, value }]);
      const { process } = await deployment.start();
      expect(await process.said('command has expired')).toContain(commandId);
      await until(async () => ((await commandsApplied()) ? true : undefined));
      expect(await generationOf(deployment, 'building')).toBeNull();
      expect(await generationOf(deployment, 'active')).toMatchObject({ generation: 1 });
    },
    patience,
  );
});

async function commandsApplied(): Promise<boolean> {
  const { commands } = deployment.topics;
  const found = await deployment.store.rows(
    `select from applied_offsets where topic = '${commands}' and next_offset > 0`,
  );
  return found.length > 0;
}

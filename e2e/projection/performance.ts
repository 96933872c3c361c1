import { setTimeout as sleep } from 'node:timers/promises';
import { openConnection, pauseProcess, resumeProcess } from '@hybrid-sync/devstack';
import { cutCommits } from './commits.js';
import { recordOf } from './drafts.js';
import { entryOf } from './entry-drafts.js';
import type { Action, Schedule } from './schedule.js';
import { statusOf, type StatusDraft } from './status-drafts.js';
import type { World } from './world.js';

/** What a schedule has begun and not ended yet. */
interface Stage {
  readonly world: World;
  /** By what it happens to: a server that is to be killed is first back from the last time. */
  readonly pending: Map<string, Promise<void>>;
  burst: number;
  programs: number;
  block: number;
}

/** Lets the schedule happen, and resolves when every fault is healed. Gives what came of each step in the trace. */
export async function perform(
  { steps, compacting, projectors }: Schedule,
  world: World,
  trace: string[],
): Promise<void> {
  const begin = performance.now();
  await world.start(projectors);
  if (compacting) await compact(world);
  await world.watch();
  const stage: Stage = { world, pending: new Map(), burst: 0, programs: 0, block: 1_000 };
  try {
    for (const [index, { action, thenMs }] of steps.entries()) {
      const outcome = await happen(action, stage);
      trace.push(`${index} at ${seconds(begin)}: ${JSON.stringify(action).slice(0, 300)} ${outcome}`);
      await sleep(thenMs);
    }
  } finally {
    await Promise.all(stage.pending.values());
    world.servers.proxy.heal();
  }
  trace.push(`healed at ${seconds(begin)}`);
  await world.fleet.allRun();
}

/** The cleaner takes away what has a successor as soon as a segment is full or a second old. */
async function compact(world: World): Promise<void> {
  const settings = [
    'segment.ms=1000',
    'min.cleanable.dirty.ratio=0.01',
    'min.compaction.lag.ms=0',
    'max.compaction.lag.ms=1000',
  ];
  await world.servers.session.manage('configure', world.topic('revocations'), ...settings);
}

function seconds(begin: number): string {
  return `${((performance.now() - begin) / 1000).toFixed(1)} s`;
}

async function happen(action: Action, stage: Stage): Promise<string> {
  switch (action.kind) {
    case 'write':
      await stage.world.write('revocations', action.drafts.map(recordOf));
      return '';
    case 'burst':
      return burst(action, stage);
    case 'statuses':
      return say(action.drafts, stage);
    case 'entries':
      await stage.world.write('entries', action.drafts.map(entryOf));
      return '';
    case 'projector':
      return stage.world.fleet.trouble(action.trouble, action.which, action.awayMs);
    case 'scale':
      await stage.world.fleet.scale(action.projectors);
      return '';
    default:
      return befall(action, stage);
  }
}

type Misfortune = Exclude<Action, { kind: 'write' | 'burst' | 'statuses' | 'entries' | 'projector' | 'scale' }>;

async function befall(action: Misfortune, stage: Stage): Promise<string> {
  const { servers, database } = stage.world;
  switch (action.kind) {
    case 'broker':
      return broker(action, stage);
    case 'postgres':
      return inBackground(stage, 'postgres', async () => {
        await servers.killPostgres();
        await sleep(action.downMs);
        await servers.startPostgres();
      });
    case 'cut commits':
      servers.proxy.set({ cut: cutCommits(action.when, action.commits) });
      return '';
    case 'reset connections':
      servers.proxy.reset();
      return '';
    case 'terminate backends':
      // The server may be down, which ends them as well.
      await servers.terminateBackends(database.url).catch(() => undefined);
      return '';
    case 'lock table':
      return inBackground(stage, action.table, () => lock(stage.world, action.table, action.heldMs));
    case 'rebuild':
      return inBackground(stage, `program ${stage.programs++}`, () =>
        rebuild(stage.world, ['rebuild.js'], action.killedAfterMs),
      );
    case 'request rebuild':
      return inBackground(stage, `program ${stage.programs++}`, () =>
        rebuild(stage.world, ['request-rebuild.js'], null),
      );
    case 'switch back':
      return inBackground(stage, `program ${stage.programs++}`, () =>
        rebuild(stage.world, ['rebuild.js', '--switch-back'], null),
      );
  }
}

/** Of what fails there, nothing is expected but that it does no harm. */
function inBackground({ pending }: Stage, what: string, work: () => Promise<void>): string {
  const happens = (pending.get(what) ?? Promise.resolve()).then(work);
  happens.catch(() => undefined);
  pending.set(what, happens);
  return '';
}

const burstsFrom = 100_000;

async function burst(
  { revocations, repeats }: { readonly revocations: number; readonly repeats: number },
  stage: Stage,
): Promise<string> {
  const from = burstsFrom + 10_000 * stage.burst++;
  const every = Math.max(1, Math.floor(revocations / Math.max(1, repeats)));
  const drafts = Array.from({ length: revocations }, (_, index) => [
    { kind: 'revoked', revocation: from + index, log: 0, source: 'batch' } as const,
    ...(index % every === 0 ? [{ kind: 'revoked', revocation: 5, log: index % 4, source: 'realtime' } as const] : []),
  ]).flat();
  await stage.world.write('revocations', drafts.map(recordOf));
  return `${drafts.length} records`;
}

async function say(drafts: readonly StatusDraft[], stage: Stage): Promise<string> {
  const ends = new Map([...(await stage.world.ends('revocations'))].map(([partition, { end }]) => [partition, end]));
  await stage.world.write(
    'status',
    drafts.map((draft) => statusOf(draft, { block: stage.block++, ends })),
  );
  return '';
}

function broker({ trouble, which, awayMs }: Extract<Action, { kind: 'broker' }>, stage: Stage): string {
  const { nodes } = stage.world.servers;
  const node = nodes[which % nodes.length];
  if (node === undefined) return 'of none';
  return inBackground(stage, `broker ${node.nodeId}`, async () => {
    if (trouble === 'pause') {
      await pauseProcess(node.pid);
      await sleep(awayMs);
      resumeProcess(node.pid);
      return;
    }
    await (trouble === 'kill' ? node.kill() : node.stop());
    await sleep(awayMs);
    await node.start();
  });
}

async function lock({ database }: World, table: string, heldMs: number): Promise<void> {
  const connection = await openConnection(database.url).catch(() => null);
  try {
    await connection?.query('begin');
    await connection?.query(`lock table ${table} in access exclusive mode`);
    await sleep(heldMs);
    await connection?.query('commit');
  } catch {
    // The server has gone, and the lock with it.
  } finally {
    await connection?.close();
  }
}

async function rebuild(
  world: World,
  [file = '', ...args]: readonly string[],
  killedAfterMs: number | null,
): Promise<void> {
  const program = world.program(file);
  program.start({}, args);
  if (killedAfterMs !== null) {
    await sleep(killedAfterMs);
    await program.kill();
    return;
  }
  await program.ended(120);
}

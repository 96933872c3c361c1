import { setTimeout as sleep } from 'node:timers/promises';
import type { Action, Schedule } from './schedule.js';
import type { World } from './world.js';

/** Lets the schedule happen. Gives what came of each of its steps, for whoever has to understand a failure. */
export async function perform({ steps }: Schedule, world: World, trace: string[]): Promise<void> {
  const begin = performance.now();
  for (const [index, { action, thenMs }] of steps.entries()) {
    const outcome = await happen(action, world);
    const seconds = ((performance.now() - begin) / 1000).toFixed(1);
    trace.push(`${index} at ${seconds} s: ${JSON.stringify(action)} ${outcome}, head ${await world.chain.head()}`);
    await sleep(thenMs);
  }
}

async function happen(action: Action, world: World): Promise<string> {
  const { chain, endpoints, replicas } = world;
  switch (action.kind) {
    case 'mine':
      await chain.mine(action.blocks);
      return '';
    case 'revoke':
      await chain.mineBlockOf(action.transactions);
      return '';
    case 'reorg':
      return `depth ${await chain.reorg(action, () => sleep(300))}`;
    case 'restart':
    case 'kill':
      return replicas[action.ingester].trouble(action.kind, action.role, action.downMs);
    case 'pause':
      return replicas[action.ingester].trouble(action.kind, action.role, action.pausedMs);
    case 'force-sync':
      await forceSync(action, world);
      return '';
    case 'fault':
      endpoints.misbehave(action.endpoint, action.fault, action.seed);
      return '';
    case 'heal':
      endpoints.heal(action.endpoint);
      return '';
  }
}

async function forceSync(
  { from, to }: { readonly from: number | null; readonly to: number | null },
  { chain, commands }: World,
): Promise<void> {
  const head = await chain.head();
  const at = (thousandths: number): number => Math.round((head * thousandths) / 1000);
  const bounds = from !== null && to !== null && from > to ? [to, from] : [from, to];
  const [lower = null, upper = null] = bounds;
  await commands.forceSync({
    ...(lower === null ? {} : { fromBlock: at(lower) }),
    ...(upper === null ? {} : { toBlock: at(upper) }),
  });
}

import { abandonBuilding, beginGeneration, readGenerations, type Database, type Generation } from '@hybrid-sync/store';
import type { FoldedSource } from './builder-source.js';

export interface RebuildOrder {
  readonly reason: string;
  /** The command that asks for it, if one does. */
  readonly commandId: string | null;
}

/**
 * Begins a generation of the topic as it is now, or gives the one of it that is being built. `command-known`: one was
 * begun for this command before.
 */
export async function beginRebuild(
  database: Database,
  source: FoldedSource,
  { reason, commandId }: RebuildOrder,
): Promise<Generation | 'command-known'> {
  await abandonMissed(database, source);
  const incarnation = await source.incarnation();
  const targetOffsets = await source.endOffsets();
  const plan = { topic: source.topic, incarnation, reason, commandId, targetOffsets };
  return database.transaction((transaction) => beginGeneration(transaction, plan));
}

/** A build that lay still for too long may have missed tombstones, and is begun anew. */
async function abandonMissed(database: Database, { tombstoneSeconds }: FoldedSource): Promise<void> {
  const building = (await readGenerations(database)).find(({ state }) => state === 'building');
  if (building === undefined || ageSeconds(building) < tombstoneSeconds) return;
  await abandonBuilding(database, building.generation);
}

function ageSeconds({ startedAt }: Generation): number {
  return (Date.now() - startedAt.getTime()) / 1000;
}

import { readCurrentAges, readGenerations } from '@hybrid-sync/store';
import type { BuilderOptions, ChooseGeneration } from './builder.js';
import { beginRebuild } from './rebuild-begin.js';
import { switchBackRefusal } from './rebuild-switch-back.js';

type Choosing = Pick<BuilderOptions, 'database' | 'source'>;

/** A new generation, or the one that is being built of the same topic. */
export function chooseNew({ database, source }: Choosing, reason: string): ChooseGeneration {
  return async () => {
    const begun = await beginRebuild(database, source, { reason, commandId: null });
    return begun === 'command-known' ? { kind: 'refused', reason: 'the command is known' } : begun;
  };
}

/** The one before the active one. */
export function chooseFormer({ database, source }: Choosing): ChooseGeneration {
  return async () => {
    const former = (await readGenerations(database)).find(({ state }) => state === 'former') ?? null;
    const { topic, tombstoneSeconds } = source;
    const currentAges =
      former === null ? new Map() : await readCurrentAges(database, { generation: former.generation, topic });
    const ageSeconds = former === null ? 0 : (Date.now() - former.startedAt.getTime()) / 1000;
    const incarnation = await source.incarnation();
    const reason = switchBackRefusal({ former, incarnation, currentAges, ageSeconds, tombstoneSeconds });
    return former === null || reason !== null ? { kind: 'refused', reason: reason ?? 'there is none' } : former;
  };
}

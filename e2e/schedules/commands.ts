import { randomUUID } from 'node:crypto';
import { z } from 'zod';
import type { TopicRecord } from '../topic-client.js';
import type { TopicSession } from '../topic-session.js';

const progress = z.looseObject({ kind: z.literal('backfill'), commandId: z.string(), state: z.string() });

/** The force-syncs that were asked for, as query-api would. */
export class Commands {
  readonly #session: TopicSession;
  readonly #topic: string;
  #open: string[] = [];

  constructor(session: TopicSession, topic: string) {
    this.#session = session;
    this.#topic = topic;
  }

  async forceSync(range: { readonly fromBlock?: number; readonly toBlock?: number }): Promise<void> {
    const commandId = randomUUID();
    const origin = { requestedAt: new Date().toISOString(), requestedBy: 'schedule' };
    const command = { schemaVersion: 1, kind: 'backfill', commandId, ...range, ...origin };
    await this.#session.write(this.#topic, commandId, JSON.stringify(command));
    this.#open.push(commandId);
  }

  /** Those that have not come to an end; each is given once more at most. */
  unfinished(statuses: readonly TopicRecord[]): readonly string[] {
    const last = new Map(statuses.map(({ key, value }) => [String(key), value]));
    this.#open = this.#open.filter((commandId) => {
      const parsed = progress.safeParse(JSON.parse(String(last.get(commandId) ?? null)));
      return !parsed.success || parsed.data.state === 'running';
    });
    return this.#open;
  }
}

import { setTimeout as sleep } from 'node:timers/promises';
import { openConnection, type TestConnection } from '@hybrid-sync/devstack';
import { z } from 'zod';
import { identityOf } from './drafts.js';

const everyMs = 20;

const seen = z.object({
  keys: z.array(z.string()),
  offsets: z.record(z.string(), z.number()).nullable(),
  /** Whether the snapshot shows what the slot held, and not that it was emptied since. */
  is_whole: z.boolean(),
});

/** Asks 50 times a second for revocations that are never taken back, whatever happens to the tables. */
export class WatchedRows {
  readonly #url: string;
  readonly #over = new AbortController();
  readonly #known = new Set<string>();
  readonly #applied = new Map<string, number>();
  readonly #watching: Promise<void>;
  readonly #select: { readonly sql: string; readonly values: readonly unknown[] };
  readonly #wrong: string[] = [];
  answers = 0;

  /** @param revocations by number; see {@link identityOf} */
  constructor(url: string, topic: string, revocations: readonly number[]) {
    this.#url = url;
    const identities = revocations.map(identityOf);
    const values = [
      identities.map(({ lockId }) => lockId),
      identities.map(({ signatureHash }) => Buffer.from(signatureHash.slice(2), 'hex')),
      topic,
    ];
    this.#select = { sql, values };
    this.#watching = this.#watch();
  }

  /** Rows that were there and then were not, and offsets that went back. */
  get wrong(): readonly string[] {
    return this.#wrong;
  }

  async stop(): Promise<void> {
    this.#over.abort();
    await this.#watching;
  }

  async #watch(): Promise<void> {
    let connection: TestConnection | null = null;
    while (!this.#over.signal.aborted) {
      connection ??= await openConnection(this.#url).catch(() => null);
      try {
        if (connection !== null) this.#judge(await connection.query(this.#select.sql, this.#select.values));
      } catch (error) {
        if (error instanceof z.ZodError) throw error;
        await connection?.close();
        connection = null;
      }
      await sleep(everyMs);
    }
    await connection?.close();
  }

  #judge(rows: readonly unknown[]): void {
    const { keys, offsets, is_whole: isWhole } = seen.parse(rows[0]);
    if (!isWhole) return;
    this.answers += 1;
    const missing = [...this.#known].filter((key) => !keys.includes(key));
    if (missing.length > 0) this.#wrong.push(`${new Date().toISOString()} missing ${missing.join(' ')}`);
    for (const key of keys) this.#known.add(key);
    for (const [partition, next] of Object.entries(offsets ?? {})) this.#applies(partition, next);
  }

  #applies(partition: string, next: number): void {
    const before = this.#applied.get(partition) ?? 0;
    if (next < before) this.#wrong.push(`${new Date().toISOString()} partition ${partition} from ${before} to ${next}`);
    this.#applied.set(partition, next);
  }
}

const sql = `
  select
    array(
      select r.lock_id || '-' || encode(r.signature_hash, 'hex') from revoked_signatures r
      join unnest($1::numeric[], $2::bytea[]) as k (lock_id, signature_hash) using (lock_id, signature_hash)
    ) as keys,
    (
      select json_object_agg(a.partition, a.next_offset) from applied_offsets a
      where a.topic = $3 and a.generation = (select generation from active_generation)
    ) as offsets,
    exists (
      select from active_generation
      where generation in (select generation from seal_a union all select generation from seal_b)
    ) as is_whole`;

import { setTimeout as sleep } from 'node:timers/promises';
import { openConnection, type TestConnection } from '@hybrid-sync/devstack';
import type { RevocationLog } from '@hybrid-sync/domain';
import type { LiveRevocation, LiveTraffic } from './live-traffic.js';
import { locksOf, revocationAt } from './revocation-facts.js';
import type { RevocationTopic } from './revocation-topic.js';

/** What a reader has seen of an answer that must never be wrong. */
export interface Looks {
  readonly looks: number;
  readonly slowestMs: number;
}

/** Asks the same view as everybody, at a steady pace, about revocations whose answer is known. */
export interface SteadyReader {
  /** What was seen since the last call. Rejects with the first answer that was wrong or did not come. */
  taken(): Promise<Looks>;
  close(): Promise<void>;
}

/**
 * Each look is one statement about three revocations: one that has stood from the beginning, one that never came, and
 * one of the live ones: of those an answer may be late, but never go back.
 */
export async function startReader(
  databaseUrl: string,
  topic: RevocationTopic,
  { traffic, perSecond }: { readonly traffic: LiveTraffic; readonly perSecond: number },
): Promise<SteadyReader> {
  const connection = await openConnection(databaseUrl);
  const reader = new Reader(connection, topic, traffic);
  const reading = reader.run(1_000 / perSecond);
  return {
    taken: () => reader.taken(),
    close: async () => {
      reader.stop();
      await reading;
      await connection.close();
    },
  };
}

const neverRevoked = 1_000_000_000;
const sample = 1_000;

class Reader {
  readonly #seen = new Map<LiveRevocation, 'revoked' | 'taken back'>();
  readonly #locks: number;
  #looks = 0;
  #slowestMs = 0;
  #failure: Error | null = null;
  #stopped = false;

  constructor(
    private readonly connection: TestConnection,
    private readonly topic: RevocationTopic,
    private readonly traffic: LiveTraffic,
  ) {
    this.#locks = locksOf(topic.records);
  }

  stop(): void {
    this.#stopped = true;
  }

  // eslint-disable-next-line @typescript-eslint/require-await -- rejects, as everything else that may fail
  async taken(): Promise<Looks> {
    if (this.#failure !== null) throw this.#failure;
    const seen = { looks: this.#looks, slowestMs: this.#slowestMs };
    this.#looks = 0;
    this.#slowestMs = 0;
    return seen;
  }

  async run(everyMs: number): Promise<void> {
    while (!this.#stopped && this.#failure === null) {
      const begin = performance.now();
      try {
        await this.#look();
      } catch (error) {
        this.#failure = error instanceof Error ? error : new Error(String(error));
      }
      const tookMs = performance.now() - begin;
      this.#looks += 1;
      this.#slowestMs = Math.max(this.#slowestMs, tookMs);
      await sleep(Math.max(0, everyMs - tookMs));
    }
  }

  async #look(): Promise<void> {
    const standing = revocationAt(Math.floor(Math.random() * this.topic.records), this.#locks);
    const never = revocationAt(neverRevoked + Math.floor(Math.random() * sample), this.#locks);
    const live = this.traffic.sent[Math.floor(Math.random() * this.traffic.sent.length)];
    const answers = await this.#areRevoked([standing, never, live?.log ?? standing]);
    if (answers[0] !== true) throw new Error(`a revocation that stands was not there: ${standing.signatureHash}`);
    if (answers[1] !== false) throw new Error(`a revocation that never came was there: ${never.signatureHash}`);
    if (live !== undefined) this.#follow(live, answers[2] === true);
  }

  #follow(live: LiveRevocation, isRevoked: boolean): void {
    const before = this.#seen.get(live);
    if (isRevoked && before === 'taken back') throw new Error('a revocation that was taken back came again');
    if (!isRevoked && before === 'revoked' && !live.retracted)
      throw new Error(`a revocation that was there has gone: ${live.log.signatureHash}`);
    if (isRevoked) this.#seen.set(live, 'revoked');
    else if (before === 'revoked') this.#seen.set(live, 'taken back');
  }

  async #areRevoked(logs: readonly RevocationLog[]): Promise<readonly unknown[]> {
    const rows = await this.connection.query(
      `select exists (
         select 1 from revoked_signatures r where r.lock_id = asked.lock_id and r.signature_hash = asked.signature_hash
       ) as revoked
       from unnest($1::numeric[], $2::bytea[]) with ordinality as asked (lock_id, signature_hash, place)
       order by place`,
      [logs.map(({ lockId }) => String(lockId)), logs.map(({ signatureHash }) => `\\x${signatureHash.slice(2)}`)],
    );
    return rows.map((row) => row['revoked']);
  }
}

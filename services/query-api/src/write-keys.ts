import { createHash, timingSafeEqual } from 'node:crypto';
import { Problem } from './problem.js';

/** The keys that may write. Without any, writes are open: configuration allows that on loopback only. */
export class WriteKeys {
  readonly #digests: readonly Buffer[];

  constructor(keys: readonly string[]) {
    this.#digests = keys.map(digest);
  }

  /**
   * Who asks, for the audit log: a prefix of the key's digest, or `anonymous` where writes are open. Takes the key from
   * `X-API-Key` or from `Authorization: Bearer`; answers 401 otherwise, the same for every wrong key.
   */
  callerOf(headers: Readonly<Record<string, string | undefined>>): string {
    if (this.#digests.length === 0) return 'anonymous';
    const given = digest(headers['x-api-key'] ?? bearer(headers['authorization']) ?? '');
    // Every key is compared, so that the time taken does not tell which one nearly matched.
    const matches = this.#digests.filter((known) => timingSafeEqual(known, given));
    if (matches.length === 0) throw unauthorized();
    return `key:${given.toString('hex').slice(0, 8)}`;
  }
}

function digest(key: string): Buffer {
  return createHash('sha256').update(key).digest();
}

function bearer(authorization: string | undefined): string | undefined {
  return /^Bearer (.+)$/.exec(authorization ?? '')?.[1];
}

function unauthorized(): Problem {
  const headers = { 'www-authenticate': 'Bearer' };
  return new Problem({ status: 401, code: 'unauthorized', title: 'This needs a valid API key', headers });
}

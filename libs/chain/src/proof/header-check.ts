import { sealHeader } from './header-seal.js';

/** What the hash that a block claims says about its header. */
export type HeaderVerdict = 'sealed' | 'unchecked' | 'forged';

/**
 * Holds the headers of one endpoint against their hashes. Chains and forks hash fields that are not known here, and
 * endpoints leave fields out: a hash that does not follow from the fields tells of a forgery only where other headers
 * with the same fields of the same endpoint did match.
 */
export class HeaderCheck {
  readonly #sealing = new Set<string>();

  verdict(block: Readonly<Record<string, unknown>>, hash: string): HeaderVerdict {
    const seal = sealHeader(block);
    if (seal === null) return 'unchecked';
    if (seal.hash === hash) {
      this.#sealing.add(seal.fields);
      return 'sealed';
    }
    return this.#sealing.has(seal.fields) ? 'forged' : 'unchecked';
  }
}

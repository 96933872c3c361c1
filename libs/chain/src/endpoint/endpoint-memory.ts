import type { Endpoint } from './endpoint.js';
import { HeaderCheck } from '../proof/header-check.js';
import { unknownLimit, type RangeLimit } from '../reading/range-limit.js';

/** Milliseconds until an endpoint that lacked a method is asked for it again: endpoints are upgraded. */
const askedAgainAfterMs = 10 * 60_000;

/** What one endpoint was found to do and not to do, for the life of the process. */
export class EndpointMemory {
  readonly headers = new HeaderCheck();
  /** For queries of every log of the event. */
  limit: RangeLimit = unknownLimit;
  /** State is asked for by block number: the endpoint refused to be asked by hash (EIP-1898). */
  statesByNumber = false;
  /** Receipts are asked for by block number: the endpoint refused to be asked by hash. */
  receiptsByNumber = false;
  #lackingReceiptsUntil = 0;

  givesReceipts(now: number): boolean {
    return now >= this.#lackingReceiptsUntil;
  }

  lacksReceipts(now: number): void {
    this.#lackingReceiptsUntil = now + askedAgainAfterMs;
  }
}

export class EndpointMemories {
  readonly #memories = new Map<string, EndpointMemory>();

  of({ label }: Pick<Endpoint, 'label'>): EndpointMemory {
    const known = this.#memories.get(label);
    if (known !== undefined) return known;
    const memory = new EndpointMemory();
    this.#memories.set(label, memory);
    return memory;
  }
}

import type { Faults, ProxiedCall } from './fault-proxy-faults.js';
import { striking } from './fault-proxy-random.js';

/** What both doors of the proxy share: the faults of the moment, and the calls that came. */
export class FaultDesk {
  readonly targetUrl: string;
  calls: ProxiedCall[] = [];
  #faults: Faults = {};
  #resets = striking(undefined);

  constructor(targetUrl: string) {
    this.targetUrl = targetUrl;
  }

  get faults(): Faults {
    return this.#faults;
  }

  set faults(faults: Faults) {
    this.#faults = faults;
    this.#resets = striking(faults.reset);
  }

  /** Notes the calls of a body; gives the faults that it meets. */
  met(calls: Iterable<ProxiedCall>): Faults {
    const came = [...calls];
    this.calls.push(...came);
    const { only } = this.#faults;
    return only === undefined || came.some(only) ? this.#faults : {};
  }

  /** Whether this answer is broken off. */
  resets(): boolean {
    return this.#resets();
  }
}

import { type Keeping, type KeptPart, keepRunning, type Part } from './kept-part.js';

/** Everything that runs, by the stage in which it stops: services would only complain about servers that are gone. */
export class KeptParts {
  readonly #stages: Record<'service' | 'server', KeptPart[]> = { service: [], server: [] };
  #stopping = false;

  constructor(private readonly keeping: Keeping) {}

  /** A part whose start outlasts a stop is stopped as well. */
  async keep(stage: 'service' | 'server', part: Part): Promise<void> {
    this.#refuseWhenStopping();
    const kept = await keepRunning(part, this.keeping);
    this.#stages[stage].push(kept);
    if (this.#stopping) await kept.stop();
    this.#refuseWhenStopping();
  }

  /** Rejects when one of the parts dies for good. */
  async over(): Promise<void> {
    await Promise.race([...this.#stages.server, ...this.#stages.service].map((part) => part.over));
  }

  async stop(): Promise<void> {
    this.#stopping = true;
    await Promise.all(this.#stages.service.map((part) => part.stop()));
    await Promise.all(this.#stages.server.map((part) => part.stop()));
  }

  #refuseWhenStopping(): void {
    if (this.#stopping) throw new Error('stopping');
  }
}

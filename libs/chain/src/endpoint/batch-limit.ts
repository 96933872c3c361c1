const mostCalls = 100;
/** After so many full batches a larger one is tried: what was refused may have been a passing trouble. */
const batchesBeforeGrowth = 200;

/** How many calls an endpoint takes in one request, as far as it is known. */
export class BatchLimit {
  #calls = mostCalls;
  #accepted = 0;

  get calls(): number {
    return this.#calls;
  }

  accepted(calls: number): void {
    if (calls < this.#calls || this.#calls === mostCalls) return;
    this.#accepted += 1;
    if (this.#accepted < batchesBeforeGrowth) return;
    this.#calls = Math.min(mostCalls, this.#calls * 2);
    this.#accepted = 0;
  }

  /** Says whether that is news. */
  refused(calls: number): boolean {
    const smaller = Math.max(1, Math.floor(calls / 4));
    if (smaller >= this.#calls) return false;
    this.#calls = smaller;
    this.#accepted = 0;
    return true;
  }
}

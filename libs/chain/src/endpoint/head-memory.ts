interface SeenHead {
  readonly number: number;
  readonly label: string;
  readonly at: number;
}

/** After so long nobody waits any more for a head that no endpoint shows again. */
const forgottenAfterMs = 60_000;
/** An endpoint that lagged may have caught up by then. */
const lagForgottenAfterMs = 10_000;

/** The highest head that any endpoint has shown, so that one that lags behind it is known for what it is. */
export class HeadMemory {
  readonly #clock: () => number;
  readonly #lagged = new Map<string, number>();
  #highest: SeenHead | null = null;

  /** @param clock milliseconds */
  constructor(clock: () => number) {
    this.#clock = clock;
  }

  /** Says whether no endpoint has shown a higher one. */
  saw(label: string, number: number): boolean {
    const at = this.#clock();
    if (this.#highest !== null && number < this.#highest.number) {
      this.#lagged.set(label, at);
      return false;
    }
    this.#lagged.delete(label);
    this.#highest = { number, label, at };
    return true;
  }

  /** The endpoint did not have the highest head when it was asked lately. */
  lags(label: string): boolean {
    return this.#clock() - (this.#lagged.get(label) ?? -Infinity) < lagForgottenAfterMs;
  }

  /** The head did go back: the endpoint that showed the highest one is among those asked, or was not heard of for long. */
  mayGoBack(asked: readonly string[]): boolean {
    if (this.#highest === null) return true;
    return asked.includes(this.#highest.label) || this.#clock() - this.#highest.at >= forgottenAfterMs;
  }

  /** Takes a lower head for the highest from now on. */
  wentBack(label: string, number: number): void {
    this.#highest = { number, label, at: this.#clock() };
    this.#lagged.delete(label);
  }
}

import type { Measured } from './results-page.js';

export interface BenchContext {
  readonly brokers: string;
  readonly runs: number;
  /** Gets a line for every run. */
  readonly say: (line: string) => void;
}

/** Something that is measured beside a reference. */
export interface Scenario<C extends BenchContext = BenchContext> {
  /** Names its part of RESULTS.md. */
  readonly name: string;
  /** Takes minutes or sees many events by itself, and is not repeated. */
  readonly once?: boolean;
  readonly run: (context: C) => Promise<Omit<Measured, 'circumstances'>>;
}

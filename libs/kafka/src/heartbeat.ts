import { isEviction, toError } from './kafka-failure.js';

export interface Beating {
  readonly heartbeat: () => Promise<void>;
  readonly everyMs: number;
  /** The group has moved on; called at most once, while the work goes on. */
  readonly evicted: () => void;
}

/**
 * Keeps a membership alive while the work takes its time. Once the work is done it throws the eviction, which makes the driver
 * join again. Other failures of a heartbeat are left to the next one.
 */
export async function whileBeating<T>(work: Promise<T>, { heartbeat, everyMs, evicted }: Beating): Promise<T> {
  const evictions: Error[] = [];
  const beat = async (): Promise<void> => {
    try {
      await heartbeat();
    } catch (error) {
      if (isEviction(error) && evictions.push(toError(error)) === 1) evicted();
    }
  };
  const timer = setInterval(() => void beat(), everyMs);
  try {
    const result = await work;
    const [eviction] = evictions;
    if (eviction !== undefined) throw eviction;
    return result;
  } finally {
    clearInterval(timer);
  }
}

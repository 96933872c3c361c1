import { backoffMs, pause } from './backoff.js';
import { mayPass } from './kafka-failure.js';

const attempts = 7;

/** Tries a step again, for 6 s in all, while its failure may pass: elections and new topics take a moment to settle. */
export async function retryPassing<T>(step: () => Promise<T>): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await step();
    } catch (error) {
      if (attempt === attempts || !mayPass(error)) throw error;
      await pause(backoffMs(attempt), AbortSignal.any([]));
    }
  }
}

import type { OffsetVector } from './offset-vector.js';

interface Waiter {
  readonly topic: string;
  readonly offsets: OffsetVector;
  readonly resolve: () => void;
  readonly reject: (error: unknown) => void;
}

/** Promises that a position has been reached. */
export class ReachedWaiters {
  private readonly waiters = new Set<Waiter>();
  private reason: Error | undefined;

  constructor(private readonly positionOf: (topic: string) => OffsetVector) {}

  get ended(): boolean {
    return this.reason !== undefined;
  }

  async wait(topic: string, offsets: OffsetVector, signal?: AbortSignal): Promise<void> {
    if (this.reason !== undefined) throw this.reason;
    signal?.throwIfAborted();
    if (isReached(this.positionOf(topic), offsets)) return;
    const { promise, resolve, reject } = Promise.withResolvers<undefined>();
    const waiter: Waiter = {
      topic,
      offsets,
      resolve: () => {
        resolve(undefined);
      },
      reject,
    };
    const abort = (): void => {
      reject(signal?.reason);
    };
    this.waiters.add(waiter);
    signal?.addEventListener('abort', abort, { once: true });
    try {
      await promise;
    } finally {
      this.waiters.delete(waiter);
      signal?.removeEventListener('abort', abort);
    }
  }

  /** To be called after the position of the topic has moved. */
  check(topic: string): void {
    if (this.waiters.size === 0) return;
    const position = this.positionOf(topic);
    for (const waiter of this.waiters) {
      if (waiter.topic === topic && isReached(position, waiter.offsets)) waiter.resolve();
    }
  }

  /** Rejects whoever waits, now and later. */
  end(reason: Error): void {
    this.reason ??= reason;
    for (const { reject } of this.waiters) reject(this.reason);
  }
}

function isReached(position: OffsetVector, offsets: OffsetVector): boolean {
  return [...offsets].every(([partition, offset]) => offset <= (position.get(partition) ?? 0));
}

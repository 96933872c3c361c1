export interface Closing {
  close(): void | Promise<void>;
}

/** Notes what is to be closed when the work is over. */
export type Keep = <T extends Closing>(opened: T) => T;

/** Closes what the work has kept, last first, however the work ends. */
export async function withOpened<T>(work: (keep: Keep) => Promise<T>): Promise<T> {
  const kept: Closing[] = [];
  try {
    return await work((opened) => {
      kept.push(opened);
      return opened;
    });
  } finally {
    for (const opened of kept.reverse()) await opened.close();
  }
}

import type { AuditScope, LockId, Window } from '@hybrid-sync/domain';
import { countLocks, foldLocks } from './lock-fold.js';
import type { OpenReader } from './open-reader.js';
import type { TopicFoldOptions } from './topic-fold.js';
import { TouchedLocks } from './touched-locks.js';

/** What the revocation topic holds per lock: read anew each time, so that nothing is kept that only an audit needs. */
export class LockView {
  readonly #options: TopicFoldOptions;
  readonly #touched = new TouchedLocks();

  constructor(options: TopicFoldOptions) {
    this.#options = options;
  }

  get touched(): Pick<TouchedLocks, 'due' | 'compared'> {
    return this.#touched;
  }

  /** Live records per lock at or below a block; every lock of the scope is in it. */
  counts(scope: AuditScope, upToBlock: number, progressed: () => void): Promise<ReadonlyMap<LockId, number>> {
    return countLocks(scope, upToBlock, { ...this.#options, progressed });
  }

  /** Every live record of these locks. */
  records(locks: ReadonlySet<LockId>, progressed: () => void): Promise<Window> {
    return foldLocks(locks, { ...this.#options, progressed });
  }

  /** The same reader, whose records of the revocation topic are noted. */
  noting(openReader: OpenReader): OpenReader {
    return (topic, reading) => {
      if (topic !== this.#options.topics.revocations) return openReader(topic, reading);
      const apply: typeof reading.apply = (records) => {
        this.#touched.note(records);
        reading.apply(records);
      };
      return openReader(topic, { ...reading, apply });
    };
  }
}

import {
  joinGroup,
  type GroupHandler,
  type GroupMember,
  type KafkaConnection,
  type LogRecord,
} from '@hybrid-sync/kafka';
import { Suspension } from './suspension.js';

export interface LeaseOptions {
  readonly kafka: KafkaConnection;
  /** The sync-commands topic: whoever holds its only partition is active. */
  readonly topic: string;
  readonly groupId: string;
  /** Called with the commands of the topic, from the first one at every take-over. */
  readonly commands: (records: readonly LogRecord[]) => void;
  readonly changed: (held: boolean) => void;
  readonly fail: (error: Error) => void;
}

/**
 * Makes one replica of an ingester the active one; the others stand by. A replica that was stopped for a while stands by
 * until the group has had the time to tell it that another one took over: what it had read before must not be written.
 */
export class Lease {
  readonly #suspension = new Suspension({ now: () => performance.now(), longestGapMs: 5_000, settleMs: 6_000 });
  readonly #ticking = setInterval(() => {
    this.#look();
  }, 1_000).unref();
  readonly #changed: (held: boolean) => void;
  #terms = 0;
  #term: number | null = null;
  #isAssigned = false;
  #member: GroupMember | null = null;

  private constructor(changed: (held: boolean) => void) {
    this.#changed = changed;
  }

  static async join({ kafka, topic, groupId, commands, changed, fail }: LeaseOptions): Promise<Lease> {
    const lease = new Lease(changed);
    const handler: GroupHandler = {
      assigned: (partitions) => {
        lease.#assign(partitions.length > 0);
        return Promise.resolve(partitions.map((partition) => ({ ...partition, nextOffset: 0 })));
      },
      lost: () => {
        lease.#assign(false);
      },
      apply: ({ records }) => {
        commands(records);
        return Promise.resolve('applied');
      },
    };
    lease.#member = await joinGroup(kafka, { groupId, topics: [topic], commit: false, fail, handler });
    return lease;
  }

  get held(): boolean {
    return this.term !== null;
  }

  /**
   * Which holding this is; null while another replica is active. A lease that was lost and taken again is another term:
   * what was known before may have been overtaken meanwhile.
   */
  get term(): number | null {
    this.#look();
    return this.#term;
  }

  async close(): Promise<void> {
    clearInterval(this.#ticking);
    await this.#member?.close();
  }

  #assign(isAssigned: boolean): void {
    this.#isAssigned = isAssigned;
    this.#look();
  }

  #look(): void {
    const held = this.#isAssigned && !this.#suspension.isRecent;
    if ((this.#term !== null) === held) return;
    if (held) this.#terms += 1;
    this.#term = held ? this.#terms : null;
    this.#changed(held);
  }
}

/** The lease went to another replica in the middle of a step: nothing more is written. */
export class LeaseLostError extends Error {
  override readonly name = 'LeaseLostError';
}

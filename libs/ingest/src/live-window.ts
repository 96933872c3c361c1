import {
  foldWindow,
  parseRevocationRecord,
  pruneWindow,
  revocationKey,
  type ContractIdentity,
  type LiveRecord,
  type OffsetVector,
  type Window,
} from '@hybrid-sync/domain';
import type { LogRecord } from '@hybrid-sync/kafka';
import { placeOf, suspectOf, type Place, type Suspect } from './suspect.js';

export interface LiveWindowOptions {
  readonly identity: ContractIdentity;
  /** The last settled block: what is live above it is in the window. */
  readonly floor: number;
  /** Where the reader begins; null where it reads the whole topic. */
  readonly from: OffsetVector | null;
}

/** What one replica knows of the revocation topic: the live records above the settled blocks, and whom to ask about. */
export class LiveWindow {
  readonly #identity: ContractIdentity;
  readonly #live = new Map<string, LiveRecord>();
  readonly #places = new Map<string, Place>();
  readonly #suspects = new Map<string, Suspect>();
  #floor: number;
  /** Records of settled blocks that were written long ago are as good as the passes that followed them. */
  #isHistory: boolean;
  /** Everything below has been held against the chain, by this replica or by the one that was active before. */
  #checked: OffsetVector | null;

  constructor({ identity, floor, from }: LiveWindowOptions) {
    this.#identity = identity;
    this.#floor = floor;
    this.#isHistory = from === null;
    this.#checked = from;
  }

  get live(): Window {
    return this.#live;
  }

  get floor(): number {
    return this.#floor;
  }

  get suspects(): readonly Suspect[] {
    return [...this.#suspects.values()];
  }

  /**
   * Live records of the window below this block. A scan that begins there does not see them; where they were written
   * before their block was final, nobody else may have looked at them since it is.
   */
  below(block: number): readonly Suspect[] {
    return [...this.#live].flatMap(([key, live]) => {
      const place = this.#places.get(key);
      if (live.blockNumber >= block || place === undefined || place.isFinal) return [];
      return [{ ...live, partition: place.partition, offset: place.offset, live }];
    });
  }

  apply(record: LogRecord): void {
    const parsed = parseRevocationRecord(record.key, record.value, this.#identity);
    if (parsed.key === null) return;
    const place = placeOf(record);
    foldWindow(this.#live, parsed, this.#floor);
    this.#suspects.delete(parsed.key);
    this.#places.delete(parsed.key);
    if (this.#live.has(parsed.key)) {
      this.#places.set(parsed.key, place);
      return;
    }
    const suspect = suspectOf(parsed, place);
    if (suspect === null || (this.#isHistory && suspect.live !== null)) return;
    this.#suspects.set(parsed.key, suspect);
  }

  /** What was on the topic at the start has been read. */
  caughtUp(): void {
    this.#isHistory = false;
  }

  /**
   * The active replica has said that blocks up to `settledTo` are settled, and that it knows everything below `from`.
   * What leaves the window without having been held against the chain becomes suspect.
   */
  settle(settledTo: number, from: OffsetVector): void {
    this.#floor = Math.max(this.#floor, settledTo);
    const isKnown = ({ partition, offset }: Pick<Place, 'partition' | 'offset'>): boolean =>
      offset < (from.get(partition) ?? 0);
    for (const [key, suspect] of this.#suspects) if (isKnown(suspect)) this.#suspects.delete(key);
    for (const [key, live] of this.#live) {
      if (live.blockNumber > this.#floor) continue;
      const place = this.#places.get(key);
      this.#places.delete(key);
      if (place === undefined || place.isFinal || isKnown(place)) continue;
      const { partition, offset } = place;
      this.#suspects.set(key, { ...live, partition, offset, live });
    }
    pruneWindow(this.#live, this.#floor);
  }

  /**
   * The window as it was at `position` has been held against the chain, and the contract was asked about `cleared`.
   * A suspect that was written again meanwhile stays.
   */
  checked(position: OffsetVector, cleared: readonly Suspect[]): void {
    this.#checked = position;
    for (const suspect of cleared) {
      const key = revocationKey(suspect);
      if (this.#suspects.get(key) === suspect) this.#suspects.delete(key);
    }
  }

  /**
   * Reading from here on finds every live record above `settledTo` and everything that was not held against the chain
   * yet. Empty, which is the beginning, where nothing was held against it, or records above `settledTo` were left out of
   * the window before.
   */
  offsets(settledTo: number): OffsetVector {
    if (this.#checked === null || settledTo < this.#floor) return new Map();
    const lowest = new Map(this.#checked);
    const include = ({ partition, offset }: Pick<Place, 'partition' | 'offset'>): void => {
      lowest.set(partition, Math.min(offset, lowest.get(partition) ?? 0));
    };
    for (const suspect of this.#suspects.values()) include(suspect);
    for (const [key, place] of this.#places) {
      if ((this.#live.get(key)?.blockNumber ?? settledTo) > settledTo) include(place);
    }
    return lowest;
  }
}

import type { Hash32 } from '@hybrid-sync/domain';

/** Owner, and the halves of the hash laid over each other: nobody can find two hashes that share these 128 bits. */
const slotWords = 5;
const hashWords = 4;
const maxLoad = 0.7;

/**
 * Which of up to some millions of keys are live, in 30 to 60 bytes per key. A key is the number of its lock and a
 * signature hash; keys are never forgotten, they only stop being live.
 */
export class LiveKeys {
  #slots: Uint32Array;
  #used = 0;
  /** The key that is looked for: one for all, so that a look leaves no garbage. */
  readonly #key = new Uint32Array(slotWords);
  readonly #multiplier: number;

  /** @param multiplier an odd number that nobody can guess: hashes are chosen by whoever signs */
  constructor(multiplier: number, capacity = 1024) {
    this.#multiplier = multiplier | 1;
    this.#slots = new Uint32Array(capacity * slotWords);
  }

  /** Gives by how much the number of live keys of the lock changes: -1, 0 or 1. */
  set(lock: number, hash: Hash32, live: boolean): number {
    const key = this.#key;
    spell(key, lock, hash);
    const slot = this.#slotOf(this.#slots, key);
    const before = this.#slots[slot] ?? 0;
    const after = (key[0] ?? 0) + (live ? 1 : 0);
    if (before === 0) {
      this.#slots.set(key, slot);
      this.#used += 1;
    }
    this.#slots[slot] = after;
    this.#growWhereFull();
    return (after & 1) - (before & 1);
  }

  /** Where the key is, or the empty slot where it belongs. */
  #slotOf(slots: Uint32Array, key: Uint32Array): number {
    const capacity = slots.length / slotWords;
    const mixed = Math.imul((key[1] ?? 0) ^ Math.imul(ownerOf(key[0]), 0x9e3779b1), this.#multiplier);
    for (let index = (mixed >>> 7) % capacity; ; index = (index + 1) % capacity) {
      const slot = index * slotWords;
      if (slots[slot] === 0 || isKeyAt(slots, slot, key)) return slot;
    }
  }

  #growWhereFull(): void {
    const capacity = this.#slots.length / slotWords;
    if (this.#used <= capacity * maxLoad) return;
    const larger = new Uint32Array(this.#slots.length * 2);
    for (let slot = 0; slot < this.#slots.length; slot += slotWords) {
      const key = this.#slots.subarray(slot, slot + slotWords);
      if (key[0] !== 0) larger.set(key, this.#slotOf(larger, key));
    }
    this.#slots = larger;
  }
}

/** The owner's lowest bit says whether the key is live; an owner of 0 is an empty slot. */
function spell(key: Uint32Array, lock: number, hash: Hash32): void {
  key[0] = (lock + 1) * 2;
  for (let word = 0; word < hashWords; word += 1) {
    key[word + 1] = wordOf(hash, word) ^ wordOf(hash, word + hashWords);
  }
}

function wordOf(hash: Hash32, word: number): number {
  return Number.parseInt(hash.slice(2 + word * 8, 10 + word * 8), 16);
}

function isKeyAt(slots: Uint32Array, slot: number, key: Uint32Array): boolean {
  if (ownerOf(slots[slot]) !== ownerOf(key[0])) return false;
  for (let word = 1; word < slotWords; word += 1) if (slots[slot + word] !== key[word]) return false;
  return true;
}

function ownerOf(word = 0): number {
  return word >>> 1;
}

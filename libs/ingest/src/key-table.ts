import { hash, randomBytes } from 'node:crypto';

const hashWords = 3;
const maxLoad = 0.8;
const growth = 1.25;
const partCount = 64;

/** Of this process: nobody can choose keys that collide without it. */
const secret = randomBytes(16).toString('hex');

/** 96 bits that tell a key from every other one, as a string of 12 bytes; the first word is never 0. */
export function fingerprintOf(key: string): string {
  const fingerprint = hash('sha256', secret + key, 'binary').slice(0, 4 * hashWords);
  return wordAt(fingerprint, 0) === 0 ? `\u0001${fingerprint.slice(1)}` : fingerprint;
}

/** What is known of a key. */
export interface KeyEntry {
  readonly fingerprint: string;
  readonly numbers: readonly number[];
}

/**
 * Numbers below 2^32 by key, for millions of keys: 12 bytes for the key and 4 for each number, and a quarter to nearly
 * 60 % more for free places. A free place is one whose first word is 0.
 */
export class KeyTable {
  readonly #parts: readonly TablePart[];

  /** @param numbers how many there are of each key */
  constructor(numbers: number) {
    this.#parts = Array.from({ length: partCount }, () => new TablePart(hashWords + numbers));
  }

  /** True where the key was not there before. */
  set(fingerprint: string, ...numbers: readonly number[]): boolean {
    return this.#partOf(fingerprint).set([...wordsOf(fingerprint), ...numbers]);
  }

  /** True where the key was there before. */
  delete(fingerprint: string): boolean {
    return this.#partOf(fingerprint).delete(wordsOf(fingerprint));
  }

  /** The keys whose first number is neither below nor above these. */
  within(lowest: number, highest: number): readonly KeyEntry[] {
    return this.#parts.flatMap((part) => part.within(lowest, highest).map(entryOf));
  }

  /** What it holds in memory. */
  get bytes(): number {
    return this.#parts.reduce((sum, part) => sum + part.bytes, 0);
  }

  #partOf(fingerprint: string): TablePart {
    const part = this.#parts[fingerprint.charCodeAt(0) % partCount];
    if (part === undefined) throw new Error('there is no such part');
    return part;
  }
}

/** Each grows by itself, so that little is copied at once. Linear probing without gaps: a deleted key leaves no mark. */
class TablePart {
  readonly #stride: number;
  #words: Uint32Array;
  #used = 0;

  constructor(stride: number) {
    this.#stride = stride;
    this.#words = new Uint32Array(8 * stride);
  }

  get bytes(): number {
    return this.#words.byteLength;
  }

  set(row: readonly number[]): boolean {
    const at = this.#find(row);
    const isNew = this.#words[at] === 0;
    this.#words.set(row, at);
    if (isNew) {
      this.#used += 1;
      this.#growWhereFull();
    }
    return isNew;
  }

  delete(row: readonly number[]): boolean {
    const at = this.#find(row);
    if (this.#words[at] === 0) return false;
    this.#used -= 1;
    this.#close(at);
    return true;
  }

  within(lowest: number, highest: number): readonly Uint32Array[] {
    const found: Uint32Array[] = [];
    const words = this.#words;
    for (let at = 0; at < words.length; at += this.#stride) {
      const number = words[at + hashWords] ?? 0;
      if (number >= lowest && number <= highest && words[at] !== 0) found.push(words.slice(at, at + this.#stride));
    }
    return found;
  }

  /** Where the key is, or the free place where it belongs. */
  #find(row: readonly number[]): number {
    let at = this.#homeOf(row[1]);
    while (this.#words[at] !== 0 && !this.#isAt(at, row)) at = this.#after(at);
    return at;
  }

  #isAt(at: number, row: readonly number[]): boolean {
    for (let word = 0; word < hashWords; word += 1) if (this.#words[at + word] !== row[word]) return false;
    return true;
  }

  #homeOf(word = 0): number {
    const capacity = this.#words.length / this.#stride;
    return Math.floor((word / 2 ** 32) * capacity) * this.#stride;
  }

  #after(at: number): number {
    return (at + this.#stride) % this.#words.length;
  }

  /** Moves up what would not be found any more behind a free place. */
  #close(hole: number): void {
    const words = this.#words;
    let free = hole;
    for (let at = this.#after(free); words[at] !== 0; at = this.#after(at)) {
      const home = this.#homeOf(words[at + 1]);
      const isBetween = free < at ? free < home && home <= at : free < home || home <= at;
      if (isBetween) continue;
      words.copyWithin(free, at, at + this.#stride);
      free = at;
    }
    words.fill(0, free, free + this.#stride);
  }

  #growWhereFull(): void {
    const capacity = this.#words.length / this.#stride;
    if (this.#used <= capacity * maxLoad) return;
    const former = this.#words;
    this.#words = new Uint32Array(Math.ceil(capacity * growth) * this.#stride);
    for (let at = 0; at < former.length; at += this.#stride) {
      if (former[at] === 0) continue;
      const row = former.subarray(at, at + this.#stride);
      this.#words.set(row, this.#find([...row.subarray(0, hashWords)]));
    }
  }
}

function wordsOf(fingerprint: string): number[] {
  return [wordAt(fingerprint, 0), wordAt(fingerprint, 4), wordAt(fingerprint, 8)];
}

function wordAt(text: string, at: number): number {
  const high = (text.charCodeAt(at + 3) << 24) | (text.charCodeAt(at + 2) << 16);
  return (high | (text.charCodeAt(at + 1) << 8) | text.charCodeAt(at)) >>> 0;
}

function entryOf(row: Uint32Array): KeyEntry {
  const [first = 0, second = 0, third = 0, ...numbers] = row;
  return { fingerprint: [first, second, third].map(textOf).join(''), numbers };
}

function textOf(word: number): string {
  return String.fromCharCode(word & 255, (word >>> 8) & 255, (word >>> 16) & 255, word >>> 24);
}

/** Reads Kafka's wire types in order. Throws RangeError past the end. */
export class ByteReader {
  private at = 0;

  constructor(private readonly buffer: Buffer) {}

  get remaining(): number {
    return this.buffer.length - this.at;
  }

  int8(): number {
    return this.buffer.readInt8(this.advance(1));
  }

  int16(): number {
    return this.buffer.readInt16BE(this.advance(2));
  }

  int32(): number {
    return this.buffer.readInt32BE(this.advance(4));
  }

  /** Exact up to 2^53, which no offset or time reaches. */
  int64(): number {
    const at = this.advance(8);
    return this.buffer.readInt32BE(at) * 0x1_0000_0000 + this.buffer.readUInt32BE(at + 4);
  }

  /** For ids, which use all 64 bits. */
  int64Text(): string {
    return this.buffer.readBigInt64BE(this.advance(8)).toString();
  }

  string(): string {
    return this.bytes(Math.max(0, this.int16())).toString('utf8');
  }

  varint(): number {
    const raw = this.unsignedVarint();
    return raw % 2 === 0 ? raw / 2 : -(raw + 1) / 2;
  }

  /** A view, not a copy. Length -1 is null. */
  varBytes(): Buffer | null {
    const length = this.varint();
    return length < 0 ? null : this.bytes(length);
  }

  /** Passes over what varBytes would read. @returns whether it is the bytes given */
  skipVarBytes(expected?: Buffer): boolean {
    const length = this.varint();
    const at = this.advance(Math.max(0, length));
    return length === expected?.length && expected.compare(this.buffer, at, at + length) === 0;
  }

  bytes(length: number): Buffer {
    const at = this.advance(length);
    return this.buffer.subarray(at, at + length);
  }

  skip(length: number): void {
    this.advance(length);
  }

  /** An array whose length is an int32; -1 (null) is read as empty. */
  array<T>(item: () => T): T[] {
    const items: T[] = [];
    for (let left = this.int32(); left > 0; left--) items.push(item());
    return items;
  }

  /** A string of the flexible versions of responses; null is read as empty. */
  compactString(): string {
    return this.bytes(Math.max(0, this.unsignedVarint() - 1)).toString('utf8');
  }

  /** An array of the flexible versions of responses; null is read as empty. */
  compactArray<T>(item: () => T): T[] {
    const items: T[] = [];
    for (let left = this.unsignedVarint() - 1; left > 0; left--) items.push(item());
    return items;
  }

  /** The fields of a later version, which end every structure of a flexible one. */
  skipTaggedFields(): void {
    for (let left = this.unsignedVarint(); left > 0; left--) {
      this.unsignedVarint();
      this.skip(this.unsignedVarint());
    }
  }

  private unsignedVarint(): number {
    let value = 0;
    for (let weight = 1; ; weight *= 128) {
      const byte = this.buffer.readUInt8(this.advance(1));
      value += (byte & 0x7f) * weight;
      if (byte < 0x80) return value;
    }
  }

  private advance(length: number): number {
    const at = this.at;
    if (length < 0 || at + length > this.buffer.length)
      throw new RangeError('a Kafka record ends before its length says');
    this.at = at + length;
    return at;
  }
}

/** Writes Kafka's wire types into one growing buffer. */
export class ByteWriter {
  private buffer: Buffer;
  private at = 0;

  constructor(capacity: number) {
    this.buffer = Buffer.allocUnsafe(capacity);
  }

  get size(): number {
    return this.at;
  }

  /** A view of what was written, valid until the next write. */
  written(from = 0): Buffer {
    return this.buffer.subarray(from, this.at);
  }

  clear(): void {
    this.at = 0;
  }

  int8(value: number): void {
    const at = this.take(1);
    this.buffer.writeInt8(value, at);
  }

  int16(value: number): void {
    const at = this.take(2);
    this.buffer.writeInt16BE(value, at);
  }

  int32(value: number): void {
    const at = this.take(4);
    this.buffer.writeInt32BE(value, at);
  }

  int64(value: bigint): void {
    const at = this.take(8);
    this.buffer.writeBigInt64BE(value, at);
  }

  /** Fills a place that was left free by an earlier `int32`. */
  patchInt32(value: number, at: number): void {
    this.buffer.writeInt32BE(value | 0, at);
  }

  string(text: string): void {
    const length = Buffer.byteLength(text);
    this.int16(length);
    this.text(text, length);
  }

  /** Not negative, below 2^31. */
  varint(value: number): void {
    this.unsignedVarint(value * 2);
  }

  unsignedVarint(value: number): void {
    for (let left = value; ; left = Math.floor(left / 128)) {
      const more = left >= 128 ? 0x80 : 0;
      const at = this.take(1);
      this.buffer[at] = (left % 128) | more;
      if (more === 0) return;
    }
  }

  varBytes(value: string | Buffer): void {
    const length = Buffer.byteLength(value);
    this.varint(length);
    if (typeof value === 'string') this.text(value, length);
    else this.bytes(value);
  }

  /** A string of the flexible versions of requests. */
  compactString(text: string): void {
    const length = Buffer.byteLength(text);
    this.unsignedVarint(length + 1);
    this.text(text, length);
  }

  bytes(value: Buffer): void {
    const at = this.take(value.length);
    value.copy(this.buffer, at);
  }

  private text(value: string, length: number): void {
    const at = this.take(length);
    this.buffer.write(value, at, length, 'utf8');
  }

  /** To be called before `this.buffer` is looked at: it may put a larger one in its place. */
  private take(length: number): number {
    const at = this.at;
    this.at = at + length;
    if (this.at > this.buffer.length) {
      const larger = Buffer.allocUnsafe(Math.max(this.at, 2 * this.buffer.length));
      this.buffer.copy(larger, 0, 0, at);
      this.buffer = larger;
    }
    return at;
  }
}

/** `0x…` text as bytes, for a bytea parameter. */
export function toBytes(hex: string): Buffer {
  return Buffer.from(hex.slice(2), 'hex');
}

/** Bytes of a bytea column as lower-case `0x…` text. */
export function toHex(bytes: Buffer): string {
  return `0x${bytes.toString('hex')}`;
}

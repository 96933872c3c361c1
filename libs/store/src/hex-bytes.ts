/** `0x…` text as bytes, for a bytea parameter. */
export function toBytes(hex: string): Buffer {
  return Buffer.from(hex.slice(2), 'hex');
}

import { decodeUtf8 } from '@hybrid-sync/domain';

/** Bytes of a stranger, for a terminal: as text where that is harmless. */
export type ShownBytes = { readonly text: string } | { readonly base64: string } | { readonly withheldBytes: number };

/** Anything that could steer a terminal or mislead who reads it is not text: controls, formats, what nothing is assigned to. */
export function showBytes(bytes: Uint8Array): ShownBytes {
  const text = decodeUtf8(bytes);
  return text !== null && isPrintable(text) ? { text } : { base64: Buffer.from(bytes).toString('base64') };
}

/** Text of a stranger in one line. */
export function printableLine(text: string): string {
  return text.replace(/[\p{C}\p{Zl}\p{Zp}]/gu, '\ufffd');
}

function isPrintable(text: string): boolean {
  return !/[^\P{C}\n\t]|[\p{Zl}\p{Zp}]/u.test(text);
}

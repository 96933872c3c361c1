import { keccak_256 } from '@noble/hashes/sha3.js';
import { bytesToHex, hexToBytes, utf8ToBytes } from '@noble/hashes/utils.js';
import { hash32, type Hash32 } from './hex.js';

/** Longest accepted signature text, in bytes of UTF-8. */
export const maxSignatureBytes = 4096;

/** keccak256 of the UTF-8 bytes of the signature text, as the contract computes it. Case-sensitive in the text. */
export function signatureHashOf(signature: string): Hash32 {
  return keccak(utf8ToBytes(signature));
}

export type SignatureReading =
  | { readonly kind: 'hashes'; readonly hashes: readonly [Hash32, ...Hash32[]] }
  | { readonly kind: 'malformed'; readonly reason: string };

/**
 * Every hash the text may stand for: the hash itself, or the text hashed as UTF-8 and, where it is hex, as bytes.
 * Text that looks like a mistyped hash is refused: it must never be answered "not revoked".
 */
export function readSignature(text: string): SignatureReading {
  const reason = textProblemOf(text) ?? hexProblemOf(text);
  if (reason !== null) return { kind: 'malformed', reason };
  const hash = hash32.safeParse(text);
  if (hash.success) return { kind: 'hashes', hashes: [hash.data] };
  const digits = hexDigitsOf(text);
  const asBytes = digits !== null && digits.length >= signatureDigits ? [keccak(hexToBytes(digits))] : [];
  return { kind: 'hashes', hashes: [signatureHashOf(text), ...asBytes] };
}

function textProblemOf(text: string): string | null {
  if (text === '') return 'the signature is empty';
  if (!text.isWellFormed()) return 'the signature holds a lone surrogate';
  if (utf8ToBytes(text).length > maxSignatureBytes) return `the signature is longer than ${maxSignatureBytes} bytes`;
  return /\p{Cc}/u.test(text) ? 'the signature holds a control character' : null;
}

const hashDigits = 64;
/** Two words, the shortest signature (EIP-2098) there is. */
const signatureDigits = 128;
/** Hex without a prefix that is shorter than this is taken for a word such as `beef`. */
const shortestBareHex = 32;

function hexProblemOf(text: string): string | null {
  if (text.startsWith('0X')) return 'the prefix must be 0x in lower case';
  const prefixed = text.startsWith('0x');
  const digits = hexDigitsOf(text);
  if (digits === null) return prefixed ? 'only hex digits may follow 0x' : null;
  if (!prefixed && digits.length < shortestBareHex) return null;
  if (digits.length === hashDigits) return prefixed ? null : 'a hash needs the prefix 0x';
  if (digits.length < signatureDigits) return 'a hash has 64 hex digits, and a signature in hex at least 128';
  return digits.length % 2 === 0 ? null : 'a signature in hex has an even number of digits';
}

function hexDigitsOf(text: string): string | null {
  return /^(?:0x)?([0-9a-fA-F]*)$/.exec(text)?.[1] ?? null;
}

function keccak(bytes: Uint8Array): Hash32 {
  return hash32.parse(`0x${bytesToHex(keccak_256(bytes))}`);
}

import { fileURLToPath } from 'node:url';

/** Absolute path inside the checkout; the same from `src/` and from `dist/`. */
export function inCheckout(...segments: readonly string[]): string {
  return fileURLToPath(new URL(['../../..', ...segments].join('/'), import.meta.url));
}

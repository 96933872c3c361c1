import { readFileSync } from 'node:fs';
import { inCheckout } from './checkout.js';

/** Constructor code of the demo contract as the build compiled it; `npm run build` makes it. */
export function lockRegistryBytecode(): string {
  const compiled: unknown = JSON.parse(readFileSync(inCheckout('libs/devstack/dist/LockRegistry.json'), 'utf8'));
  if (typeof compiled === 'object' && compiled !== null && 'bytecode' in compiled) return String(compiled.bytecode);
  throw new Error('libs/devstack/dist/LockRegistry.json holds no bytecode: run npm run build.');
}

import { pathToFileURL } from 'node:url';
import { inCheckout } from '@hybrid-sync/devstack';
import type { Variables } from '../service-process.js';

/** What is done to a service from within, see `inject.mjs`. */
export interface Injected {
  readonly clockShiftMs?: number;
  readonly onSigusr2?: 'heap' | `stall:${number}`;
  /** Of the old generation. */
  readonly heapMegabytes?: number;
}

/** The variables with which a service is started for it. */
export function injected({ clockShiftMs = 0, onSigusr2, heapMegabytes }: Injected): Variables {
  const preload = pathToFileURL(inCheckout('e2e', 'faults', 'inject.mjs'));
  const heap = heapMegabytes === undefined ? '' : ` --max-old-space-size=${heapMegabytes}`;
  return {
    NODE_OPTIONS: `--import=${preload.href}${heap}`,
    FAULT_CLOCK_SHIFT_MS: String(clockShiftMs),
    ...(onSigusr2 === undefined ? {} : { FAULT_ON_SIGUSR2: onSigusr2 }),
  };
}

import { setFlagsFromString } from 'node:v8';

/**
 * The engine collects garbage as late as the machine's memory allows; these make it collect early, and set no limit. They
 * are read anew at every collection, so they hold from here on: to be imported before everything else.
 */
const flags = [
  // The space of new objects, which would grow from 1 MB to 32 MB and stay there.
  '--semi-space-growth-factor=1',
  // Collect again when the heap is a fifth larger than what the last collection left, and not two or four times as large.
  '--heap-growing-percent=20',
  // Give pages back to the system at every collection, and not only when the process is idle.
  '--optimize-for-size',
];

for (const flag of flags) setFlagsFromString(flag);

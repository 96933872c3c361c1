import { randomInt } from 'node:crypto';
import { createServer } from 'node:net';

/**
 * The preferred port when nothing listens on it, else another free one.
 * The others lie below the range from which systems take ports of outgoing connections:
 * such a connection could otherwise hold the port of a server that is restarting.
 */
export async function freePort(preferred?: number): Promise<number> {
  if (preferred !== undefined && preferred !== 0 && (await isFree(preferred))) return preferred;
  for (;;) {
    const candidate = randomInt(20_000, 32_000);
    if (await isFree(candidate)) return candidate;
  }
}

/** Listens on every address, so that a server on 0.0.0.0 is noticed as well. */
function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => {
      resolve(false);
    });
    server.listen({ port, exclusive: true }, () => {
      server.close(() => {
        resolve(true);
      });
    });
  });
}

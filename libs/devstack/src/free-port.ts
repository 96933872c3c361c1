import { randomInt } from 'node:crypto';
import { createServer } from 'node:net';

/**
 * The first of the preferred ports on which nothing listens, else another free one.
 * The others lie below the range from which systems take ports of outgoing connections:
 * such a connection could otherwise hold the port of a server that is restarting.
 */
export async function freePort(...preferred: readonly (number | undefined)[]): Promise<number> {
  for (const port of preferred) if (port !== undefined && (await isFree(port))) return port;
  for (;;) {
    const candidate = randomInt(20_000, 32_000);
    if (await isFree(candidate)) return candidate;
  }
}

/** The first from this one upwards on which nothing listens. */
export async function nextFreePort(from: number, except?: number): Promise<number> {
  for (let port = from; port < 65_536; port++) {
    if (port !== except && (await isFree(port))) return port;
  }
  throw new Error(`no port is free from ${from} upwards`);
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

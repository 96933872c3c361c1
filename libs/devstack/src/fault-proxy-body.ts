import type { ServerResponse } from 'node:http';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { createGzip } from 'node:zlib';
import type { Faults } from './fault-proxy-faults.js';

const blank = Buffer.alloc(64 * 1024, ' ');

/** Writes the body as the faults have it; rejects when the caller goes away. */
export async function writeBody(response: ServerResponse, text: string, faults: Faults): Promise<void> {
  const whole = Buffer.from(text);
  const body = faults.truncateBody === true ? whole.subarray(0, whole.byteLength / 2) : whole;
  const { status = 200, retryAfter, padBytes = 0, gzipBomb = 0, bytesPerSecond } = faults;
  response.statusCode = status;
  response.setHeader('content-type', text.startsWith('<') ? 'text/html' : 'application/json');
  if (retryAfter !== undefined) response.setHeader('retry-after', retryAfter);
  if (gzipBomb > 0) {
    response.setHeader('content-encoding', 'gzip');
    await pipeline(Readable.from(padded(body, gzipBomb)), createGzip(), response);
  } else if (bytesPerSecond !== undefined) await pipeline(Readable.from(trickled(body, bytesPerSecond)), response);
  else if (padBytes > 0) await pipeline(Readable.from(padded(body, padBytes)), response);
  else response.end(body);
}

/** Half of the body, of which the whole was announced, and then a TCP reset. */
export function resetWithin(response: ServerResponse, text: string): void {
  const body = Buffer.from(text);
  response.writeHead(200, { 'content-type': 'application/json', 'content-length': body.byteLength });
  response.write(body.subarray(0, body.byteLength / 2), () => response.socket?.resetAndDestroy());
}

function* padded(body: Buffer, bytes: number): Generator<Buffer> {
  yield body;
  for (let left = bytes; left > 0; left -= blank.byteLength) yield blank.subarray(0, left);
}

async function* trickled(body: Buffer, bytesPerSecond: number): AsyncGenerator<Buffer> {
  const step = Math.max(1, Math.floor(bytesPerSecond / 10));
  for (let at = 0; at < body.byteLength; at += step) {
    yield body.subarray(at, at + step);
    await sleep((step * 1000) / bytesPerSecond);
  }
}

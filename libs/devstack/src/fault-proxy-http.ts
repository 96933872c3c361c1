import type { IncomingMessage, ServerResponse } from 'node:http';
import { text } from 'node:stream/consumers';
import { setTimeout as sleep } from 'node:timers/promises';
import { answerTo } from './fault-proxy-answer.js';
import { resetWithin, writeBody } from './fault-proxy-body.js';
import type { FaultDesk } from './fault-proxy-desk.js';
import type { Faults } from './fault-proxy-faults.js';
import { readRequest, type ProxiedRequest } from './fault-proxy-request.js';

/** Answers one request. A node that cannot be reached looks to the caller like a connection that breaks. */
export async function answerHttp(desk: FaultDesk, from: IncomingMessage, response: ServerResponse): Promise<void> {
  const path = from.url ?? '/';
  const request = readRequest(await text(from), { path, via: 'http' });
  const faults = desk.met(request.calls.values());
  if (faults.latencyMs !== undefined) await sleep(faults.latencyMs);
  if (faults.hang === true) return;
  const body = instead(faults, path) ?? (await answerTo(request, faults, postTo(desk.targetUrl)));
  if (faults.reset !== undefined && desk.resets()) resetWithin(response, body);
  else await writeBody(response, body, faults);
}

/** The body of a fault that does not ask the node. */
function instead({ body, status }: Faults, path: string): string | undefined {
  if (typeof body === 'function') return body(path);
  return body ?? (status === undefined ? undefined : '');
}

function postTo(url: string): (text: ProxiedRequest['text']) => Promise<string> {
  const headers = { 'content-type': 'application/json' };
  return async (body) => (await fetch(url, { method: 'POST', headers, body })).text();
}

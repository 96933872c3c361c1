import { setTimeout as sleep } from 'node:timers/promises';
import { WebSocket } from 'ws';
import { answerTo, type Forward } from './fault-proxy-answer.js';
import type { FaultDesk } from './fault-proxy-desk.js';
import { isRecord, parseJson, readRequest, recordsIn } from './fault-proxy-request.js';

/** Carries calls and notices between a caller's socket and one to the node, until either ends. */
export function answerSocket(desk: FaultDesk, caller: WebSocket, path: string): void {
  const node = new WebSocket(desk.targetUrl.replace(/^http/, 'ws'));
  const waiting = new Map<unknown, (text: string) => void>();
  const say = async (text: string): Promise<void> => {
    if (desk.faults.latencyMs !== undefined) await sleep(desk.faults.latencyMs);
    if (caller.readyState === WebSocket.OPEN) caller.send(text);
  };
  const forward: Forward = async (text) => {
    await opened(node);
    return new Promise((resolve) => {
      waiting.set(recordsIn(parseJson(text))[0]?.['id'], resolve);
      node.send(text);
    });
  };
  caller.on('message', (data) => {
    const request = readRequest(textOf(data), { path, via: 'ws' });
    const faults = desk.met(request.calls.values());
    if (faults.hang === true) return;
    answerTo(request, faults, forward).then(say, () => {
      caller.terminate();
    });
  });
  node.on('message', (data) => {
    const text = textOf(data);
    if (!isNotice(text)) waiting.get(recordsIn(parseJson(text))[0]?.['id'])?.(text);
    else if (desk.faults.wsSilent !== true && desk.faults.hang !== true) void say(text);
  });
  endTogether(caller, node);
}

function isNotice(text: string): boolean {
  const message = parseJson(text);
  return isRecord(message) && 'method' in message;
}

/** A Buffer, as sockets give data unless they are told otherwise. */
function textOf(data: WebSocket.RawData): string {
  return Buffer.isBuffer(data) ? data.toString('utf8') : '';
}

function opened(socket: WebSocket): Promise<void> {
  if (socket.readyState === WebSocket.OPEN) return Promise.resolve();
  return new Promise((resolve, reject) => {
    socket.once('open', resolve);
    socket.once('close', () => {
      reject(new Error('the node closed the socket'));
    });
  });
}

function endTogether(...sockets: readonly WebSocket[]): void {
  for (const socket of sockets) {
    socket.on('error', () => undefined);
    socket.on('close', () => {
      for (const other of sockets) other.terminate();
    });
  }
}

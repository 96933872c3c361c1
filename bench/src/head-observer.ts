import { once } from 'node:events';
import { z } from 'zod';

/** Sees new heads over a WebSocket of its own, at the same time as an ingester may. */
export interface HeadObserver {
  close(): void;
}

const notice = z.object({ params: z.object({ result: z.object({ hash: z.string() }) }) });

/** @param seen called with the hash of every new head the moment the node tells of it */
export async function observeHeads(url: string, seen: (hash: string) => void): Promise<HeadObserver> {
  const socket = new WebSocket(url.replace('http', 'ws'));
  await once(socket, 'open');
  socket.addEventListener('message', ({ data }) => {
    const told = notice.safeParse(JSON.parse(String(data))).data;
    if (told !== undefined) seen(told.params.result.hash);
  });
  socket.send(JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'eth_subscribe', params: ['newHeads'] }));
  return {
    close: () => {
      socket.close();
    },
  };
}

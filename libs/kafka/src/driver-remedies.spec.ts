import { createServer } from 'node:net';
import { once } from 'node:events';
import { describe, expect, it } from '@jest/globals';
import kafkajs from 'kafkajs';
import { installRemedies } from './driver-remedies.js';
import { mayPass } from './kafka-failure.js';

/** What becomes of a request to a broker that takes connections and answers nothing. */
async function failureOfSilence(): Promise<unknown> {
  const sockets: { destroy(): void }[] = [];
  const server = createServer((socket) => sockets.push(socket.on('error', () => undefined)));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  const port = typeof address === 'object' ? address?.port : undefined;
  const admin = new kafkajs.Kafka({
    brokers: [`127.0.0.1:${String(port)}`],
    connectionTimeout: 50,
    requestTimeout: 50,
    retry: { retries: 2, initialRetryTime: 1, maxRetryTime: 1 },
    logLevel: kafkajs.logLevel.NOTHING,
  }).admin();
  try {
    await admin.connect();
    return await admin.listTopics();
  } catch (error) {
    return error;
  } finally {
    await admin.disconnect().catch(() => undefined);
    for (const socket of sockets) socket.destroy();
    server.close();
  }
}

describe('a broker that takes a connection and says nothing', () => {
  it('is tried again with the remedy: its failure is one that may pass', async () => {
    installRemedies();
    const failure = await failureOfSilence();
    expect(failure).toBeInstanceOf(kafkajs.KafkaJSError);
    expect(mayPass(failure)).toBe(true);
  });
});

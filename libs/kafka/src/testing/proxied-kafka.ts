import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePort, type Kafka, startKafka, startTcpProxy, type TcpProxy } from '@hybrid-sync/devstack';

/** Three brokers, to each of which clients have a way of their own; the brokers reach each other without it. */
export interface ProxiedKafka {
  /** What clients are given. */
  readonly brokers: readonly string[];
  readonly nodes: Kafka['nodes'];
  /** In the order of the nodes. */
  readonly proxies: readonly TcpProxy[];
  close(): Promise<void>;
}

export async function proxiedKafka(): Promise<ProxiedKafka> {
  const dataDir = await mkdtemp(join(tmpdir(), 'hybrid-sync-kafka-'));
  const clientPorts = [await freePort(), await freePort(), await freePort()];
  const proxies = await Promise.all(clientPorts.map((port) => startTcpProxy(port)));
  const kafka = await startKafka({
    dataDir,
    nodes: 3,
    properties: ({ nodeId, brokerPort, controllerPort }) => ({
      'listener.security.protocol.map': 'PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT,CLIENT:PLAINTEXT',
      listeners: [
        `PLAINTEXT://127.0.0.1:${brokerPort}`,
        `CONTROLLER://127.0.0.1:${controllerPort}`,
        `CLIENT://127.0.0.1:${clientPorts[nodeId - 1] ?? 0}`,
      ].join(','),
      'advertised.listeners': [
        `PLAINTEXT://127.0.0.1:${brokerPort}`,
        `CLIENT://127.0.0.1:${proxies[nodeId - 1]?.port ?? 0}`,
      ].join(','),
    }),
  });
  return {
    brokers: proxies.map(({ port }) => `127.0.0.1:${port}`),
    nodes: kafka.nodes,
    proxies,
    close: async () => {
      await kafka.kill();
      await Promise.all(proxies.map((proxy) => proxy.close()));
      await rm(dataDir, { recursive: true, force: true });
    },
  };
}

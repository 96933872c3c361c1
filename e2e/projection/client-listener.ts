import {
  freePort,
  startTcpProxy,
  type KafkaNodePlan,
  type KafkaProperties,
  type TcpProxy,
} from '@hybrid-sync/devstack';

/** Brokers that talk among each other directly, and with clients through a proxy each. */
export interface ClientListener {
  /** Of the brokers in their order. */
  readonly proxies: readonly TcpProxy[];
  /** As clients are to know them. */
  readonly brokers: string;
  readonly properties: (node: KafkaNodePlan) => KafkaProperties;
}

/** @param login clients must log in with SCRAM, and may only do what they are allowed; the direct way is the operator's */
export async function clientListener(nodes: 1 | 3, login = false): Promise<ClientListener> {
  const ports: number[] = [];
  for (let node = 0; node < nodes; node++) ports.push(await freePort());
  const proxies = await Promise.all(ports.map((port) => startTcpProxy(port)));
  return {
    proxies,
    brokers: proxies.map(({ port }) => `127.0.0.1:${port}`).join(','),
    properties: ({ nodeId, brokerPort, controllerPort }) => {
      const [own, advertised] = [ports[nodeId - 1] ?? 0, proxies[nodeId - 1]?.port ?? 0];
      const direct = `PLAINTEXT://127.0.0.1:${brokerPort}`;
      const protocol = login ? 'SASL_PLAINTEXT' : 'PLAINTEXT';
      return {
        listeners: `${direct},CONTROLLER://127.0.0.1:${controllerPort},CLIENT://127.0.0.1:${own}`,
        'advertised.listeners': `${direct},CLIENT://127.0.0.1:${advertised}`,
        'listener.security.protocol.map': `PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT,CLIENT:${protocol}`,
        ...(login ? loginProperties : {}),
      };
    },
  };
}

const loginProperties: KafkaProperties = {
  'sasl.enabled.mechanisms': 'SCRAM-SHA-256',
  'listener.name.client.scram-sha-256.sasl.jaas.config':
    'org.apache.kafka.common.security.scram.ScramLoginModule required;',
  'authorizer.class.name': 'org.apache.kafka.metadata.authorizer.StandardAuthorizer',
  'super.users': 'User:ANONYMOUS',
};

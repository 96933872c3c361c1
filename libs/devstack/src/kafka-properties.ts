import { join } from 'node:path';

export interface KafkaNodePlan {
  readonly nodeId: number;
  readonly directory: string;
  readonly brokerPort: number;
  readonly controllerPort: number;
}

export type KafkaProperties = Readonly<Record<string, string>>;

/** server.properties of one node in KRaft combined mode; `overrides` win. */
export function serverProperties(
  node: KafkaNodePlan,
  cluster: readonly KafkaNodePlan[],
  overrides: KafkaProperties,
): string {
  return toText({ ...placeOf(node, cluster), ...sizesFor(cluster.length), ...overrides });
}

function placeOf(node: KafkaNodePlan, cluster: readonly KafkaNodePlan[]): KafkaProperties {
  return {
    'process.roles': 'broker,controller',
    'node.id': String(node.nodeId),
    'controller.quorum.voters': cluster.map((n) => `${n.nodeId}@127.0.0.1:${n.controllerPort}`).join(','),
    'controller.listener.names': 'CONTROLLER',
    'inter.broker.listener.name': 'PLAINTEXT',
    'listener.security.protocol.map': 'PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT',
    listeners: `PLAINTEXT://127.0.0.1:${node.brokerPort},CONTROLLER://127.0.0.1:${node.controllerPort}`,
    'advertised.listeners': `PLAINTEXT://127.0.0.1:${node.brokerPort}`,
    'log.dirs': join(node.directory, 'log'),
  };
}

/** A broker for one machine: few internal partitions and a cleaner that fits a small heap. */
function sizesFor(nodes: number): KafkaProperties {
  const inSync = nodes > 1 ? '2' : '1';
  return {
    'auto.create.topics.enable': 'false',
    'default.replication.factor': String(nodes),
    'min.insync.replicas': inSync,
    'offsets.topic.replication.factor': String(nodes),
    'offsets.topic.num.partitions': '4',
    'transaction.state.log.replication.factor': String(nodes),
    'transaction.state.log.min.isr': inSync,
    'transaction.state.log.num.partitions': '4',
    'share.coordinator.state.topic.replication.factor': String(nodes),
    'share.coordinator.state.topic.min.isr': inSync,
    'group.initial.rebalance.delay.ms': '0',
    'log.cleaner.dedupe.buffer.size': '33554432',
    'num.network.threads': '2',
    'num.io.threads': '4',
    // A killed broker may register again only after its session: the default of 9 s would be waited at every restart.
    'broker.session.timeout.ms': '4000',
    'broker.heartbeat.interval.ms': '1000',
  };
}

/** Warnings and errors, on the standard output. */
export function log4jProperties(): string {
  return toText({
    status: 'off',
    'appender.console.type': 'Console',
    'appender.console.name': 'console',
    'appender.console.layout.type': 'PatternLayout',
    'appender.console.layout.pattern': '%d %p %m (%c)%n%throwable{20}',
    'rootLogger.level': 'warn',
    'rootLogger.appenderRef.console.ref': 'console',
  });
}

function toText(properties: KafkaProperties): string {
  return Object.entries(properties)
    .map(([name, value]) => `${name}=${value}\n`)
    .join('');
}

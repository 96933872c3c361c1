import type { StartedTestContainer } from 'testcontainers';
import type { TestServer } from './test-server.js';

const kafkaImage = 'apache/kafka:4.3.1';
const postgresImage = 'postgres:18';

/**
 * KafkaContainer ends in this script of Confluent's image, in ZooKeeper mode.
 * Apache's image gets one that hands over to KRaft and to its own command.
 */
const handOver = `#!/bin/bash
unset KAFKA_ZOOKEEPER_CONNECT KAFKA_BROKER_ID KAFKA_CONFLUENT_SUPPORT_METRICS_ENABLE
export KAFKA_NODE_ID=1 KAFKA_PROCESS_ROLES=broker,controller
export KAFKA_CONTROLLER_QUORUM_VOTERS=1@localhost:9094 KAFKA_CONTROLLER_LISTENER_NAMES=CONTROLLER
export KAFKA_LISTENERS="$KAFKA_LISTENERS,CONTROLLER://0.0.0.0:9094"
export KAFKA_LISTENER_SECURITY_PROTOCOL_MAP="$KAFKA_LISTENER_SECURITY_PROTOCOL_MAP,CONTROLLER:PLAINTEXT"
export KAFKA_TRANSACTION_STATE_LOG_REPLICATION_FACTOR=1 KAFKA_AUTO_CREATE_TOPICS_ENABLE=false
exec /etc/kafka/docker/run
`;

/** Rejects when an image is neither there nor to be pulled. */
export async function requireImages(): Promise<void> {
  const { getContainerRuntimeClient, ImageName } = await import('testcontainers');
  const { image } = await getContainerRuntimeClient();
  for (const name of [kafkaImage, postgresImage].map((text) => ImageName.fromString(text))) {
    if (!(await image.exists(name))) await image.pull(name);
  }
}

export async function startKafkaContainer(): Promise<TestServer> {
  const [{ KafkaContainer }, { Wait }] = await Promise.all([import('@testcontainers/kafka'), import('testcontainers')]);
  const container = await new KafkaContainer(kafkaImage)
    .withCopyContentToContainer([{ target: '/etc/confluent/docker/run', content: handOver, mode: 0o755 }])
    .withWaitStrategy(Wait.forLogMessage(/Kafka Server started/))
    .start();
  return server(container, `${container.getHost()}:${container.getMappedPort(9093)}`);
}

export async function startPostgresContainer(): Promise<TestServer> {
  const { PostgreSqlContainer } = await import('@testcontainers/postgresql');
  const container = await new PostgreSqlContainer(postgresImage).start();
  return server(container, container.getConnectionUri());
}

function server(container: StartedTestContainer, address: string): TestServer {
  return {
    address,
    stop: async () => {
      await container.stop();
    },
  };
}

export { type Chain, type ChainOptions, startChain } from './chain.js';
export { type Kafka, type KafkaOptions, startKafka } from './kafka.js';
export { deployLockRegistry, type LockRegistry } from './lock-registry.js';
export { type Postgres, type PostgresOptions, startPostgres } from './postgres.js';
export { testServers, uniqueTopicPrefix } from './test-addresses.js';
export { createDatabase, type DatabaseTemplate, type TestDatabase } from './test-database.js';

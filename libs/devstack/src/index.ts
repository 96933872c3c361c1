export { type Chain, type ChainOptions, startChain } from './chain.js';
export { type Kafka, type KafkaOptions, startKafka } from './kafka.js';
export { type Postgres, type PostgresOptions, startPostgres } from './postgres.js';

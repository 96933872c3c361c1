export { type Chain, type ChainOptions, startChain } from './chain.js';
export { inCheckout } from './checkout.js';
export { environment } from './environment.js';
export { type FaultProxy, startFaultProxy } from './fault-proxy.js';
export { type Ask, type Chance, type Faults, type ProxiedCall, type Tampering } from './fault-proxy-faults.js';
export { headAheadOfData, staleHead } from './fault-proxy-head.js';
export {
  type Dropped,
  dropLogs,
  duplicateLogs,
  emptyLogs,
  foreignLog,
  type ForeignKind,
  reorderLogs,
} from './fault-proxy-logs.js';
export { seededRandom, sometimes } from './fault-proxy-random.js';
export { dropReceiptLog, noReceiptsMethod, nullReceipts } from './fault-proxy-receipts.js';
export {
  rangeLimit,
  refuse,
  type Refusal,
  resultLimit,
  silentBeyondHead,
  wrongChainId,
} from './fault-proxy-refusals.js';
export { freePort } from './free-port.js';
export { javaCommand } from './java.js';
export { type Kafka, type KafkaNode, type KafkaOptions, startKafka } from './kafka.js';
export { type KafkaNodePlan, type KafkaProperties } from './kafka-properties.js';
export { kafkaClassPath } from './kafka-jars.js';
export { deployLockRegistry, type LockRegistry } from './lock-registry.js';
export { isDownloaded, mavenClassPath, type MavenJars } from './maven-jars.js';
export { type Postgres, type PostgresOptions, startPostgres } from './postgres.js';
export { pauseProcess, resumeProcess } from './pause.js';
export { rpcCall } from './rpc-call.js';
export { type Command, type Exit, supervise, type Supervised } from './supervised.js';
export { type TransactionRequest } from './transaction.js';
export { testServers, uniqueTopicPrefix } from './test-addresses.js';
export { type Cut, startTcpProxy, type TcpFaults, type TcpProxy } from './tcp-proxy.js';
export { openConnection, type TestConnection } from './test-connection.js';
export { createDatabase, type DatabaseTemplate, type TestDatabase } from './test-database.js';

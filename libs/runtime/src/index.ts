export { baseConfigOf, baseSettings, type BaseConfig, type KafkaConfig, type NetworkConfig } from './base-config.js';
export { parseConfiguration, type ConfigurationSchema } from './configuration.js';
export { createLog, type Log } from './log.js';
export { runLoop, sleep, Wake } from './loop.js';
export { Counter, Gauge, Histogram, type Metrics } from './metrics.js';
export {
  runService,
  runTask,
  type RunningService,
  type ServiceContext,
  type ServiceDefinition,
  type TaskDefinition,
} from './service.js';
export { untilAvailable } from './until-available.js';
export {
  databaseSecrets,
  databaseSettings,
  managementSettings,
  processSettings,
  rpcLimitsOf,
  rpcSettings,
  type RpcLimits,
} from './settings.js';

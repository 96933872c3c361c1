import type { Server } from 'node:http';
import type { BaseConfig } from './base-config.js';
import { loadConfiguration, type ConfigurationSchema } from './configuration.js';
import { Lifetime } from './lifetime.js';
import { createLog, type Log } from './log.js';
import { serveManagement } from './management-server.js';
import { createMetrics, type Metrics } from './metrics.js';

export interface ServiceContext<C> {
  readonly config: C;
  readonly log: Log;
  readonly metrics: Metrics;
  /** Aborts on SIGTERM and SIGINT. */
  readonly signal: AbortSignal;
  /** Ends the process with exit code 1: something is broken that only a restart can mend. */
  readonly fail: (error: unknown) => void;
}

export interface RunningService {
  /** Why the service is not ready; empty where it is. */
  unreadyReasons(): readonly string[];
  stop(): Promise<void>;
}

export interface ServiceDefinition<C extends BaseConfig> {
  readonly name: string;
  readonly configuration: ConfigurationSchema<C>;
  /** Values of the configuration that must never be written anywhere. */
  readonly secretsOf: (config: C) => readonly string[];
  readonly start: (context: ServiceContext<C>) => Promise<RunningService>;
}

/** Runs one service from the environment alone until SIGTERM or a failure, then exits. */
export async function runService<C extends BaseConfig>(definition: ServiceDefinition<C>): Promise<void> {
  const config = configurationOrExit(definition.name, definition.configuration);
  const log = createLog({ service: definition.name, level: config.logLevel, secrets: definition.secretsOf(config) });
  const lifetime = new Lifetime(log, config.shutdownGraceSeconds);
  const metrics = createMetrics(definition.name);
  let unreadyReasons = (): readonly string[] => ['starting'];
  const { host, managementPort: port } = config;
  const reasons = (): readonly string[] => (lifetime.signal.aborted ? ['stopping'] : unreadyReasons());
  try {
    const management = await serveManagement({ host, port, metrics, unreadyReasons: reasons });
    lifetime.onStop(() => close(management));
    const started = definition.start({
      config,
      log,
      metrics,
      signal: lifetime.signal,
      fail: (e) => {
        lifetime.fail(e);
      },
    });
    const service = await Promise.race([started, lifetime.aborted()]);
    if (service !== null) {
      lifetime.onStop(() => service.stop());
      unreadyReasons = () => service.unreadyReasons();
      log.info('ready');
    }
  } catch (error) {
    if (!lifetime.signal.aborted) lifetime.fail(error);
  }
  await lifetime.ended();
}

export interface TaskDefinition<C> {
  readonly name: string;
  readonly configuration: ConfigurationSchema<C>;
  readonly secretsOf: (config: C) => readonly string[];
  readonly run: (config: C, log: Log) => Promise<void>;
}

/** A process that does one thing and exits, such as a migration: the same configuration and log. */
export async function runTask<C extends { readonly logLevel: string }>(definition: TaskDefinition<C>): Promise<void> {
  const config = configurationOrExit(definition.name, definition.configuration);
  const log = createLog({ service: definition.name, level: config.logLevel, secrets: definition.secretsOf(config) });
  try {
    await definition.run(config, log);
  } catch (error) {
    log.fatal({ error }, 'task failed');
    process.exit(1);
  }
}

function configurationOrExit<C>(service: string, schema: ConfigurationSchema<C>): C {
  const loaded = loadConfiguration(schema);
  if (loaded.kind === 'valid') return loaded.config;
  createLog({ service, level: 'info', secrets: [] }).fatal({ problems: loaded.problems }, 'configuration is invalid');
  process.exit(1);
}

async function close(server: Server): Promise<void> {
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
}

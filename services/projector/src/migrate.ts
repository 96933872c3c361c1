import { runTask, type Log } from '@hybrid-sync/runtime';
import { Database, grantRoles, migrate } from '@hybrid-sync/store';
import { migrationConfiguration, migrationSecretsOf, type MigrationConfig } from './config.js';

const statementTimeoutMs = 60_000;

await runTask({
  name: 'migrate',
  configuration: migrationConfiguration,
  secretsOf: migrationSecretsOf,
  run: async (config, log) => {
    const applied = await migrate(config.databaseUrl, (message) => {
      log.debug({ detail: message }, 'migration');
    });
    await grant(config, log);
    log.info({ applied }, 'migrated');
  },
});

/** After the migrations: what they made is nobody's but the owner's. */
async function grant({ databaseUrl, roles }: MigrationConfig, log: Log): Promise<void> {
  const lost = (error: Error): void => {
    log.warn({ error }, 'database connection lost');
  };
  const database = new Database({ url: databaseUrl, maxConnections: 1, statementTimeoutMs, lost });
  try {
    for (const statement of await grantRoles(database, roles)) {
      log.warn({ statement }, 'the owner may not do this: an administrator of the database has to');
    }
    log.debug(roles, 'granted');
  } finally {
    await database.close();
  }
}

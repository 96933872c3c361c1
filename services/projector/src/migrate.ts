import { runTask } from '@hybrid-sync/runtime';
import { migrate } from '@hybrid-sync/store';
import { migrationConfiguration, migrationSecretsOf } from './config.js';

await runTask({
  name: 'migrate',
  configuration: migrationConfiguration,
  secretsOf: migrationSecretsOf,
  run: async ({ databaseUrl }, log) => {
    const applied = await migrate(databaseUrl, (message) => {
      log.debug({ detail: message }, 'migration');
    });
    log.info({ applied }, 'migrated');
  },
});

import { ingesterSecrets } from '@hybrid-sync/ingest';
import { runTask } from '@hybrid-sync/runtime';
import { requestAudit } from './audit-request.js';
import { configuration } from './config.js';

await runTask({
  name: 'request-audit',
  configuration,
  secretsOf: ingesterSecrets,
  run: async (config, log) => {
    process.exitCode = await requestAudit(config, log);
  },
});

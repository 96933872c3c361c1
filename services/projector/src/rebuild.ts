import '@hybrid-sync/runtime/working-heap';
import { runTask } from '@hybrid-sync/runtime';
import { configuration, secretsOf } from './config.js';
import { runRebuild } from './rebuild-run.js';

const stopping = new AbortController();
for (const name of ['SIGTERM', 'SIGINT'] as const) {
  process.on(name, () => {
    stopping.abort();
  });
}

await runTask({
  name: 'rebuild',
  configuration,
  secretsOf,
  run: async (config, log) => {
    process.exitCode = await runRebuild({ config, log, signal: stopping.signal }, process.argv.slice(2));
  },
});

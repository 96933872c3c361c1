import { runTask } from '@hybrid-sync/runtime';
import { configuration, secretsOf } from './config.js';
import { requestRebuild } from './rebuild-request.js';

await runTask({ name: 'request-rebuild', configuration, secretsOf, run: requestRebuild });

import '@hybrid-sync/runtime/small-heap';
import { ingesterSecrets } from '@hybrid-sync/ingest';
import { runService } from '@hybrid-sync/runtime';
import { configuration } from './config.js';
import { startRealtime } from './realtime.js';

await runService({ name: 'ingest-realtime', configuration, secretsOf: ingesterSecrets, start: startRealtime });

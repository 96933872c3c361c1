import { runService } from '@hybrid-sync/runtime';
import { configuration, secretsOf } from './config.js';
import { startRealtime } from './realtime.js';

await runService({ name: 'ingest-realtime', configuration, secretsOf, start: startRealtime });

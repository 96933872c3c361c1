import '@hybrid-sync/runtime/small-heap';
import { ingesterSecrets } from '@hybrid-sync/ingest';
import { runService } from '@hybrid-sync/runtime';
import { startBatch } from './batch.js';
import { configuration } from './config.js';

await runService({ name: 'ingest-batch', configuration, secretsOf: ingesterSecrets, start: startBatch });

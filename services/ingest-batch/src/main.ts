import { runService } from '@hybrid-sync/runtime';
import { startBatch } from './batch.js';
import { configuration, secretsOf } from './config.js';

await runService({ name: 'ingest-batch', configuration, secretsOf, start: startBatch });

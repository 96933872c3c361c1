import '@hybrid-sync/runtime/small-heap';
import 'reflect-metadata';
import { runService } from '@hybrid-sync/runtime';
import { configuration, secretsOf } from './config.js';
import { startQueryApi } from './query-api.js';

await runService({ name: 'query-api', configuration, secretsOf, start: startQueryApi });

import '@hybrid-sync/runtime/working-heap';
import 'reflect-metadata';
import { runService } from '@hybrid-sync/runtime';
import { configuration, secretsOf } from './config.js';
import { startProjector } from './projector.js';

await runService({ name: 'projector', configuration, secretsOf, start: startProjector });

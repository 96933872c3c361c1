import { inCheckout } from './checkout.js';
import { developmentEnvironment } from './environment.js';
import type { ServiceProgram } from './service-process.js';
import { runStack } from './stack.js';

const stopping = new AbortController();
for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(name, stop);
// A kill -9 of the one that started us reaches nobody else.
const parent = process.ppid;
setInterval(() => {
  if (process.ppid !== parent) stop();
}, 500).unref();

try {
  const environment = developmentEnvironment();
  const programs = {
    migrate: { name: 'migrate', file: inCheckout('services/projector/dist/migrate.js') },
    services: ['ingest-realtime', 'ingest-batch', 'projector', 'query-api'].map(program),
    answering: 'query-api',
  };
  await runStack({ dataDir: environment['DATA_DIR'] ?? '.data', programs, environment, say }, stopping.signal);
  process.exit(0);
} catch (error) {
  say(error instanceof Error ? error.message : String(error));
  process.exit(1);
}

function stop(): void {
  if (!stopping.signal.aborted) say('stopping');
  stopping.abort();
}

function program(name: string): ServiceProgram {
  return { name, file: inCheckout('services', name, 'dist/main.js') };
}

function say(line: string): void {
  process.stdout.write(`${line}\n`);
}

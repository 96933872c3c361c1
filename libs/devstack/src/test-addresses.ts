import { randomBytes } from 'node:crypto';
import { environment } from './environment.js';

/** Inside a test of the projects `integration` and `e2e`; throws elsewhere. */
export function testServers(): { readonly brokers: string; readonly databaseUrl: string } {
  const { KAFKA_BROKERS: brokers, DATABASE_URL: databaseUrl } = environment();
  if (brokers === undefined || databaseUrl === undefined) {
    throw new Error('Servers are there for *.int.spec.ts and e2e only (jest projects integration and e2e).');
  }
  return { brokers, databaseUrl };
}

/** Keeps the topics of one test apart from those of all others; also good as a network's name. */
export function uniqueTopicPrefix(): string {
  return `test-${randomBytes(6).toString('hex')}`;
}

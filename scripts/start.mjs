// `npm start`: everything that the runner needs, then the runner in our place.
import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { answerOf, bootstrap, checkout, fail, handOver } from './bootstrap.mjs';

requireJavaAndMaven();
await bootstrap();
handOver('libs/devstack/dist/start.js');

/** Said before minutes of installing: the embedded Kafka needs both, Maven only until it has the jars. */
function requireJavaAndMaven() {
  if (kafkaIsNamed()) return;
  const java = process.env.JAVA_HOME ? join(process.env.JAVA_HOME, 'bin/java') : 'java';
  const major = Number(/version "(\d+)/.exec(answerOf(java, ['-version']) ?? '')?.[1] ?? 0);
  if (major < 17) fail('Java is missing or older than 17: install a Java runtime, version 17 or newer.');
  if (!hasJars() && answerOf('mvn', ['-version']) === undefined) fail('Maven is missing: install Maven 3.6 or newer.');
}

function kafkaIsNamed() {
  const file = join(checkout, '.env');
  const development = existsSync(file) ? readFileSync(file, 'utf8') : '';
  if (process.env.KAFKA_BROKERS || process.env.KAFKA_BROKERS_FILE) return true;
  return /^\s*(export\s+)?KAFKA_BROKERS(_FILE)?\s*=\s*\S/m.test(development);
}

function hasJars() {
  const pom = readFileSync(join(checkout, 'deploy/kafka/pom.xml'));
  const fingerprint = createHash('sha256').update(pom).digest('hex').slice(0, 16);
  return existsSync(join(checkout, '.cache/kafka', fingerprint));
}

import { connectKafka } from '@hybrid-sync/kafka';
import { runTask, type Log } from '@hybrid-sync/runtime';
import { Database, requireSchema, type StoredLetter } from '@hybrid-sync/store';
import { configuration, secretsOf, type ProjectorConfig } from './config.js';
import { letterArguments, letterUsage } from './letter-arguments.js';
import { letterConfiguration, letterSecretsOf, type LetterConfig } from './letter-config.js';
import { LetterDesk, type DeskCommand } from './letter-desk.js';
import { replayLetter } from './replay-letter.js';
import type { ReplayOrder, ReplayOutcome } from './replay-order.js';

const name = 'dead-letters';
const statementTimeoutMs = 20_000;
const command = letterArguments(process.argv.slice(2));

switch (command.kind) {
  case 'help':
    process.stdout.write(letterUsage);
    break;
  case 'invalid':
    process.stderr.write(`${command.problem}\n\n${letterUsage}`);
    process.exitCode = 2;
    break;
  case 'replay':
    await runTask({ name, configuration, secretsOf, run: (config, log) => replay(command, config, log) });
    break;
  case 'list':
  case 'show':
  case 'resolve':
    await runTask({
      name,
      configuration: letterConfiguration,
      secretsOf: letterSecretsOf,
      run: (config, log) => atDesk(command, { config, log, replay: notHere }),
    });
}

/** The only command that reads a topic, and so the only one that is told where Kafka is. */
function replay(order: DeskCommand, config: ProjectorConfig, log: Log): Promise<void> {
  // What is tried again is no news to who waits for the outcome.
  const kafka = connectKafka({ ...config.kafka, clientId: name }, log.child({}, { level: 'error' }));
  const { network: identity, databaseUrl, logLevel } = config;
  const prefix = config.kafka.topicPrefix;
  return atDesk(order, {
    config: { databaseUrl, logLevel },
    log,
    replay: (database, letter, by) => replayLetter({ database, kafka, identity, prefix }, letter, by),
  });
}

interface Surroundings {
  readonly config: LetterConfig;
  readonly log: Log;
  readonly replay: (database: Database, letter: StoredLetter, order: ReplayOrder) => Promise<ReplayOutcome>;
}

async function atDesk(order: DeskCommand, { config, log, replay: replayWith }: Surroundings): Promise<void> {
  const lost = (error: Error): void => {
    log.warn({ error }, 'database connection lost');
  };
  const database = new Database({ url: config.databaseUrl, maxConnections: 2, statementTimeoutMs, lost });
  try {
    await requireSchema(database);
    const desk = new LetterDesk({ database, say, replay: (letter, by) => replayWith(database, letter, by) });
    process.exitCode = await desk.run(order);
  } finally {
    await database.close();
  }
}

function notHere(): never {
  throw new Error('only the replay command replays');
}

function say(text: string): void {
  process.stdout.write(`${text}\n`);
}

import { randomUUID } from 'node:crypto';
import {
  encodeAudit,
  encodeAuditCommand,
  isMismatch,
  parseStatusRecord,
  topicContracts,
  topicNames,
  type AuditCommandStatus,
} from '@hybrid-sync/domain';
import { openLogReader, openPublisher, openTopics, type LogRecord } from '@hybrid-sync/kafka';
import { sleep, type Log } from '@hybrid-sync/runtime';
import type { BatchConfig } from './config.js';

/** 0: the topic holds what the contract counts. 1: that could not be found out. 2: it holds something else. */
export type AuditExitCode = 0 | 1 | 2;

/** A command that nobody has taken up after so long is not taken up any more. */
const expiryMs = 10 * 60_000;

/** Orders an audit of all locks, waits for its outcome and logs it. */
export async function requestAudit(config: Pick<BatchConfig, 'kafka'>, log: Log): Promise<AuditExitCode> {
  const topics = topicNames(config.kafka.topicPrefix);
  const { signal } = new AbortController();
  const settings = { ...config.kafka, clientId: 'request-audit' };
  const kafka = await openTopics(settings, topicContracts(topics), { log, signal });
  const commandId = randomUUID();
  const outcome = new Outcome(commandId, log);
  const publisher = await openPublisher(kafka, { signal });
  const reader = await openLogReader(kafka, {
    topics: [topics.status],
    groupPrefix: `${config.kafka.topicPrefix}.ingest-batch.request-audit`,
    apply: (records) => {
      outcome.read(records);
    },
    fail: (error) => {
      outcome.fail(error);
    },
  });
  try {
    const { value, expiresAt } = commandOf(commandId);
    await publisher.publish(topics.commands, [{ key: commandId, value }]);
    log.info({ commandId, expiresAt }, 'audit ordered');
    return exitCodeOf(await outcome.known());
  } finally {
    await reader.close();
    await publisher.close();
  }
}

function commandOf(commandId: string): { readonly value: string; readonly expiresAt: string } {
  const now = Date.now();
  const requestedAt = new Date(now).toISOString();
  const expiresAt = new Date(now + expiryMs).toISOString();
  return { expiresAt, value: encodeAuditCommand({ commandId, requestedAt, requestedBy: 'request-audit', expiresAt }) };
}

function exitCodeOf({ state, audit }: AuditCommandStatus): AuditExitCode {
  if (state !== 'succeeded') return 1;
  return isMismatch(audit) ? 2 : 0;
}

/** What becomes of one command. */
class Outcome {
  readonly #commandId: string;
  readonly #log: Pick<Log, 'info'>;
  readonly #settled = Promise.withResolvers<AuditCommandStatus>();
  #isTakenUp = false;

  constructor(commandId: string, log: Pick<Log, 'info'>) {
    this.#commandId = commandId;
    this.#log = log;
    // A reader may fail before anybody waits for the outcome.
    this.#settled.promise.catch(() => undefined);
  }

  read(records: readonly LogRecord[]): void {
    for (const { key, value } of records) {
      const parsed = parseStatusRecord(key, value);
      if (parsed.kind === 'audit' && parsed.status.commandId === this.#commandId) this.#heard(parsed.status);
    }
  }

  fail(error: Error): void {
    this.#settled.reject(error);
  }

  /** Rejects where nobody takes the command up before it expires. One that runs may take as long as it needs. */
  async known(): Promise<AuditCommandStatus> {
    const given = new AbortController();
    const expired = sleep(expiryMs, given.signal).then(() => {
      if (!given.signal.aborted && !this.#isTakenUp) this.fail(new Error('no ingest-batch has taken the command up'));
    });
    try {
      return await this.#settled.promise;
    } finally {
      given.abort();
      await expired;
    }
  }

  #heard(status: AuditCommandStatus): void {
    const { commandId, state, audit, reason } = status;
    this.#isTakenUp = true;
    this.#log.info({ commandId, state, audit: encodeAudit(audit), reason }, 'audit');
    if (state !== 'running') this.#settled.resolve(status);
  }
}

import { randomUUID } from 'node:crypto';
import { encodeRebuildCommand, topicContracts, topicNames } from '@hybrid-sync/domain';
import { openPublisher, openTopics } from '@hybrid-sync/kafka';
import type { Log } from '@hybrid-sync/runtime';
import type { ProjectorConfig } from './config.js';

/** A command that no projector has taken up after so long is not taken up any more. */
const expiryMs = 10 * 60_000;

/** Orders a rebuild, and waits until the order is on the topic. What becomes of it is in the log of a projector. */
export async function requestRebuild({ kafka: config }: Pick<ProjectorConfig, 'kafka'>, log: Log): Promise<void> {
  const topics = topicNames(config.topicPrefix);
  const { signal } = new AbortController();
  const settings = { ...config, clientId: 'request-rebuild' };
  const kafka = await openTopics(settings, topicContracts(topics), { log, signal });
  const publisher = await openPublisher(kafka, { signal });
  try {
    const { commandId, expiresAt, value } = commandAt(Date.now());
    await publisher.publish(topics.commands, [{ key: commandId, value }]);
    log.info({ commandId, expiresAt }, 'rebuild ordered');
  } finally {
    await publisher.close();
  }
}

function commandAt(now: number): { readonly commandId: string; readonly expiresAt: string; readonly value: string } {
  const commandId = randomUUID();
  const requestedAt = new Date(now).toISOString();
  const expiresAt = new Date(now + expiryMs).toISOString();
  const value = encodeRebuildCommand({ commandId, requestedAt, requestedBy: 'request-rebuild', expiresAt });
  return { commandId, expiresAt, value };
}

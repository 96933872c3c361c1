import { randomUUID } from 'node:crypto';
import { encodeBackfillCommand } from '@hybrid-sync/domain';
import type { Publisher } from '@hybrid-sync/kafka';
import type { Log } from '@hybrid-sync/runtime';
import { findBackfill, type Queryable } from '@hybrid-sync/store';
import { All, Body, Controller, Get, Headers, HttpCode, Inject, Param, Post } from '@nestjs/common';
import { z } from 'zod';
import { badRequest, methodNotAllowed } from './problem.js';
import { parseBackfillRequest } from './request-parameters.js';
import { WriteKeys } from './write-keys.js';

export const forceSyncOptions = Symbol('force-sync options');

export interface ForceSyncOptions {
  readonly publisher: Publisher;
  /** The sync-commands topic. */
  readonly topic: string;
  readonly database: Queryable;
  readonly keys: WriteKeys;
  readonly log: Log;
}

const route = 'api/v1/monitor/force-sync';
const uuid = z.uuid();
/** Nobody expects a command to start after a longer outage than this. */
const lifetimeMs = 24 * 3_600_000;

@Controller(route)
export class ForceSyncController {
  readonly #options: ForceSyncOptions;

  constructor(@Inject(forceSyncOptions) options: ForceSyncOptions) {
    this.#options = options;
  }

  /** Answered once Kafka has the command; the batch ingester takes it from there. */
  @Post()
  @HttpCode(202)
  async request(@Headers() headers: Record<string, string>, @Body() body: unknown): Promise<object> {
    const { publisher, topic, keys, log } = this.#options;
    const requestedBy = keys.callerOf(headers);
    const range = parseBackfillRequest(body);
    const commandId = randomUUID();
    const now = Date.now();
    const requestedAt = new Date(now).toISOString();
    const expiresAt = new Date(now + lifetimeMs).toISOString();
    const value = encodeBackfillCommand({ commandId, ...range, requestedAt, requestedBy, expiresAt });
    await publisher.publish(topic, [{ key: commandId, value }]);
    log.info({ commandId, requestedBy, ...range }, 'force-sync requested');
    const statusUrl = `/${route}/${commandId}`;
    return { success: true, message: 'Force full sync initiated', timestamp: requestedAt, commandId, statusUrl };
  }

  @Get(':commandId')
  async status(@Param('commandId') commandId: string): Promise<object> {
    if (!uuid.safeParse(commandId).success) throw badRequest('invalid-command-id', 'commandId must be a UUID');
    const found = await findBackfill(this.#options.database, commandId);
    const timestamp = new Date().toISOString();
    return found === null ? { commandId, state: 'accepted', timestamp } : { ...found, timestamp };
  }

  /** Comes after the others, as the next one: only other methods get here. */
  @All()
  refuseRequest(): never {
    throw methodNotAllowed('POST');
  }

  @All(':commandId')
  refuseStatus(): never {
    throw methodNotAllowed('GET, HEAD');
  }
}

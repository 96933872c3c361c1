import { z } from 'zod';

const block = z.looseObject({ blockNumber: z.int(), blockHash: z.string() });

const revokedAnswer = z.looseObject({
  isRevoked: z.boolean().nullable(),
  asOf: block.nullable(),
  revocation: z.looseObject({ blockNumber: z.int(), transactionHash: z.string() }).nullable(),
});

const healthAnswer = z.looseObject({
  healthy: z.boolean(),
  currentBlock: z.int(),
  lastSyncedBlock: z.int(),
  stats: z.looseObject({ realTimeUpdates: z.int(), batchUpdates: z.int(), totalRevocations: z.int() }),
  reasons: z.array(z.string()),
});

const listAnswer = z.looseObject({
  total: z.int(),
  revocations: z.array(z.looseObject({ signatureHash: z.string(), blockNumber: z.int() })),
});

const accepted = z.looseObject({ success: z.literal(true), commandId: z.uuid(), statusUrl: z.string() });

const backfill = z.looseObject({
  state: z.enum(['accepted', 'running', 'succeeded', 'failed']),
  nextBlock: z.int().optional(),
  published: z.int().optional(),
});

export interface HttpAnswer {
  readonly status: number;
  readonly headers: Headers;
  readonly body: unknown;
}

/** The monitor API as its callers see it. Methods with a typed answer throw unless the status is the promised one. */
export class MonitorClient {
  readonly #base: string;

  constructor(origin: string) {
    this.#base = `${origin}/api/v1/monitor`;
  }

  async get(path: string): Promise<HttpAnswer> {
    return answerOf(await fetch(`${this.#base}${path}`, { signal: AbortSignal.timeout(10_000) }));
  }

  async post(path: string, headers: Readonly<Record<string, string>> = {}): Promise<HttpAnswer> {
    const init = { method: 'POST', headers, signal: AbortSignal.timeout(10_000) };
    return answerOf(await fetch(`${this.#base}${path}`, init));
  }

  /** As it comes: 200, or 503 where nothing is proven. */
  ask(lockId: bigint | string, signature: string, query = ''): Promise<HttpAnswer> {
    return this.get(`/lock/${lockId.toString()}/signature/${encodeURIComponent(signature)}/revoked${query}`);
  }

  async revoked(lockId: bigint, signature: string): Promise<z.infer<typeof revokedAnswer>> {
    return revokedAnswer.parse(bodyOf(await this.ask(lockId, signature), 200));
  }

  async health(): Promise<z.infer<typeof healthAnswer>> {
    return healthAnswer.parse(bodyOf(await this.get('/health'), 200));
  }

  async revocations(lockId: bigint): Promise<z.infer<typeof listAnswer>> {
    return listAnswer.parse(bodyOf(await this.get(`/lock/${lockId}/revocations`), 200));
  }

  async forceSync(headers: Readonly<Record<string, string>> = {}): Promise<string> {
    return accepted.parse(bodyOf(await this.post('/force-sync', headers), 202)).commandId;
  }

  async backfill(commandId: string): Promise<z.infer<typeof backfill>> {
    return backfill.parse(bodyOf(await this.get(`/force-sync/${commandId}`), 200));
  }
}

function bodyOf({ status, body }: HttpAnswer, expected: number): unknown {
  if (status !== expected) throw new Error(`${status} instead of ${expected}: ${JSON.stringify(body)}`);
  return body;
}

async function answerOf(response: Response): Promise<HttpAnswer> {
  const text = await response.text();
  return { status: response.status, headers: response.headers, body: text === '' ? null : JSON.parse(text) };
}

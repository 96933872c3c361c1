import { freePort, testServers, uniqueTopicPrefix } from '@hybrid-sync/devstack';
import { topicNames, type ComponentStatus, type Coverage, type TopicNames } from '@hybrid-sync/domain';
import { insertCoverageClaim, upsertComponentStatus, type Queryable } from '@hybrid-sync/store';
import { z } from 'zod';
import { hashOf, identity } from '../../../../libs/domain/src/testing/arbitraries.js';
import { ServiceProcess } from '../../../../libs/runtime/src/testing/service-process.js';
import { coverageOf, originOf, statusOf } from '../../../../libs/store/src/testing/facts.js';

export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly body: Readonly<Record<string, unknown>>;
}

/** One query-api as a process, and what callers do. */
export class Monitor {
  readonly topics: TopicNames;

  private constructor(
    readonly process: ServiceProcess,
    readonly base: string,
    readonly management: string,
    prefix: string,
  ) {
    this.topics = topicNames(prefix);
  }

  /** Resolves when it is ready. */
  static async start(databaseUrl: string, environment: Readonly<Record<string, string>> = {}): Promise<Monitor> {
    const [port, managementPort, prefix] = [await freePort(), await freePort(), uniqueTopicPrefix()];
    const process = new ServiceProcess('query-api/dist/main.js', {
      NETWORK: 'test',
      TEST_CHAIN_ID: `${identity.chainId}`,
      TEST_CONTRACT_ADDRESS: identity.contract,
      KAFKA_BROKERS: testServers().brokers,
      KAFKA_TOPIC_PREFIX: prefix,
      DATABASE_URL: databaseUrl,
      PORT: `${port}`,
      MANAGEMENT_PORT: `${managementPort}`,
      ...environment,
    });
    await process.said('ready');
    return new Monitor(process, `http://127.0.0.1:${port}`, `http://127.0.0.1:${managementPort}`, prefix);
  }

  /** @param path below /api/v1/monitor, unless it begins with two slashes */
  async ask(path: string, init: RequestInit = {}): Promise<Answer> {
    const url = path.startsWith('//') ? `${this.base}${path.slice(1)}` : `${this.base}/api/v1/monitor/${path}`;
    const response = await fetch(url, { signal: AbortSignal.timeout(15_000), ...init });
    const text = await response.text();
    const json: unknown = text === '' ? {} : JSON.parse(text);
    const body = z.record(z.string(), z.unknown()).parse(json);
    return { status: response.status, headers: response.headers, body };
  }

  revoked(lock: number | string, signature: number | string, query = ''): Promise<Answer> {
    const text = typeof signature === 'number' ? hashOf(signature) : encodeURIComponent(signature);
    return this.ask(`lock/${lock}/signature/${text}/revoked${query}`);
  }
}

let offset = 0;

/** As when both ingesters have covered everything up to a block that is so many seconds old. */
export async function sayCovered(
  database: Queryable,
  topics: TopicNames,
  { coveredTo = 1000, ageSeconds = 1, status = {}, coverage = {} }: Partial<CoveredWords> = {},
): Promise<void> {
  const now = Date.now();
  const coveredToTimestamp = Math.floor(now / 1000) - ageSeconds;
  const claim = coverageOf(coveredTo, { coveredToTimestamp, settledTo: coveredTo, ...coverage });
  const head = { number: coveredTo, hash: hashOf(coveredTo), timestamp: coveredToTimestamp };
  for (const component of ['ingest-realtime', 'ingest-batch'] as const) {
    const origin = originOf((offset += 1), now, topics.revocations);
    await upsertComponentStatus(database, statusOf({ component, head, ...status }), origin);
    await insertCoverageClaim(database, component, claim, origin);
  }
}

interface CoveredWords {
  readonly coveredTo: number;
  readonly ageSeconds: number;
  readonly status: Partial<ComponentStatus>;
  readonly coverage: Partial<Coverage>;
}

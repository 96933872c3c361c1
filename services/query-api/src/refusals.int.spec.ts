import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { connect } from 'node:net';
import { gzipSync } from 'node:zlib';
import { parseCommandRecord } from '@hybrid-sync/domain';
import { connectKafka, openLogReader, type LogRecord } from '@hybrid-sync/kafka';
import { testServers } from '@hybrid-sync/devstack';
import { testStore, type TestStore } from '../../../libs/store/src/testing/test-store.js';
import { Monitor, type Answer } from './testing/monitor.js';

const patience = 60_000;
const canary = 'c4n4ry-api-key';
let store: TestStore;
let monitor: Monitor;

beforeAll(async () => {
  store = await testStore();
  monitor = await Monitor.start(store.url, { API_KEYS: `${canary},second-key`, LOG_LEVEL: 'debug' });
}, patience);
afterAll(async () => {
  await monitor.process.stop();
  await store.drop();
}, patience);

function problemOf({ status, headers, body }: Answer): string {
  expect(headers.get('content-type')).toMatch(/^application\/problem\+json/);
  expect(body).toMatchObject({
    status,
    type: `urn:hybrid-sync:problem:${String(body['code'])}`,
    title: expect.any(String),
  });
  expect(JSON.stringify(body)).not.toMatch(/select|postgres|127\.0\.0\.1|node_modules|\.js\b|SyntaxError/);
  return `${status} ${String(body['code'])}`;
}
const refusal = async (path: string, init?: RequestInit): Promise<string> => problemOf(await monitor.ask(path, init));
const key = { 'x-api-key': canary };
const json = { ...key, 'content-type': 'application/json' };
const post = (
  body: string | Uint8Array<ArrayBuffer> | undefined,
  headers: Record<string, string> = json,
): Promise<Answer> => monitor.ask('force-sync', { method: 'POST', headers, ...(body === undefined ? {} : { body }) });

describe('a malformed request', () => {
  it.each([
    ['lock/007/stats', '400 invalid-lock-id'],
    ['lock/%2B7/stats', '400 invalid-lock-id'],
    ['lock/7%0A/revocations', '400 invalid-lock-id'],
    ['lock/%EF%BC%97/signature/x/revoked', '400 invalid-lock-id'],
    [`lock/7/signature/0x${'a'.repeat(63)}/revoked`, '400 invalid-signature'],
    ['lock/7/signature/%00/revoked', '400 invalid-signature'],
    ['lock/7/signature/x/revoked?minBlock=-1', '400 invalid-query'],
    ['lock/7/signature/x/revoked?minBlock=1&minBlock=2', '400 invalid-query'],
    ['lock/7/revocations?limit=0', '400 invalid-query'],
    ['lock/7/revocations?limit[]=1', '400 invalid-query'],
    ['lock/7/revocations?cursor=%27%20or%201=1', '400 invalid-query'],
    ['lock/%E0%A4%A/stats', '400 bad-request'],
    ['lock/7/signature/%ff/revoked', '400 bad-request'],
    ['force-sync/7', '400 invalid-command-id'],
    ['lock//stats', '404 not-found'],
    ['lock/7/signature//revoked', '404 not-found'],
    ['nowhere', '404 not-found'],
    ['//', '404 not-found'],
    ['//metrics', '404 not-found'],
    ['//readyz', '404 not-found'],
  ])('gets a problem and never an answer: %s', async (path, expected) => {
    expect(await refusal(path)).toBe(expected);
  });
});

describe('a method that a route does not have', () => {
  it.each(['health', 'stats', 'lock/7/stats', 'lock/7/revocations', 'lock/7/signature/x/revoked'])(
    'is refused with those that it has: %s',
    async (path) => {
      for (const method of ['POST', 'PUT', 'DELETE', 'PATCH', 'OPTIONS']) {
        const answer = await monitor.ask(path, { method });
        expect(problemOf(answer)).toBe('405 method-not-allowed');
        expect(answer.headers.get('allow')).toBe('GET, HEAD');
      }
      const head = await fetch(`${monitor.base}/api/v1/monitor/${path}`, { method: 'HEAD' });
      expect(head.status).not.toBe(405);
      expect(await head.text()).toBe('');
    },
  );

  it('is refused for commands too', async () => {
    const asked = await monitor.ask('force-sync');
    expect([problemOf(asked), asked.headers.get('allow')]).toEqual(['405 method-not-allowed', 'POST']);
    const status = await monitor.ask('force-sync/0b5d5f2e-3f0c-4a57-9b1a-0d7a1c9d2e11', { method: 'DELETE' });
    expect([problemOf(status), status.headers.get('allow')]).toEqual(['405 method-not-allowed', 'GET, HEAD']);
  });

  it('never echoes the request: TRACE', async () => {
    const answer = await raw(
      `TRACE /api/v1/monitor/health HTTP/1.1\r\nhost: x\r\nx-secret: ${canary}\r\nconnection: close\r\n\r\n`,
    );
    expect(answer).toMatch(/^HTTP\/1\.1 405 /);
    expect(answer).not.toContain(canary);
  });

  it('that nobody knows closes the connection', async () => {
    expect(await raw('FOO / HTTP/1.1\r\nhost: x\r\n\r\n')).toMatch(/^HTTP\/1\.1 400 /);
  });
});

describe('a body', () => {
  it.each([
    ['is cut off', '{"fromBlock":', '400 bad-request'],
    ['has a trailing comma', '{"fromBlock":1,}', '400 bad-request'],
    ['is not an object', '"x"', '400 bad-request'],
    ['is null', 'null', '400 bad-request'],
    ['is a list', '[]', '400 invalid-body'],
    ['has another field', '{"from":1}', '400 invalid-body'],
    ['would change prototypes', '{"__proto__":{"fromBlock":1}}', '400 invalid-body'],
    ['has a number as text', '{"fromBlock":"1"}', '400 invalid-body'],
    ['has a number that JSON cannot hold', '{"fromBlock":9007199254740993}', '400 invalid-body'],
    ['ends before it begins', '{"fromBlock":2,"toBlock":1}', '400 invalid-body'],
    ['is too large', JSON.stringify({ text: 'x'.repeat(70_000) }), '413 too-large'],
  ])('that %s is refused', async (_, body, expected) => {
    expect(problemOf(await post(body))).toBe(expected);
  });

  it.each([
    ['text', '{}', { 'content-type': 'text/plain' }],
    ['a form', 'fromBlock=1', { 'content-type': 'application/x-www-form-urlencoded' }],
    ['of no type', new TextEncoder().encode('{}'), {}],
    [
      'in another charset',
      new Uint8Array(Buffer.from('{}', 'utf16le')),
      { 'content-type': 'application/json; charset=utf-16' },
    ],
    ['packed', new Uint8Array(gzipSync('{}')), { 'content-type': 'application/json', 'content-encoding': 'gzip' }],
  ])('that is %s is refused, and not taken for none', async (_, body, headers) => {
    expect(problemOf(await post(body, { ...key, ...headers }))).toBe('415 unsupported-media-type');
  });

  it('of a question is refused as well when it is too large', async () => {
    const answer = await raw(
      `GET /api/v1/monitor/health HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ncontent-length: 1000000\r\nconnection: close\r\n\r\n`,
    );
    expect(answer).toMatch(/^HTTP\/1\.1 413 /);
  });
});

describe('a force-sync', () => {
  const commands = async (): Promise<readonly LogRecord[]> => {
    const quiet = (): void => undefined;
    const log = { debug: quiet, info: quiet, warn: quiet, error: quiet };
    const kafka = connectKafka({ brokers: testServers().brokers.split(','), ssl: false, clientId: 'test' }, log);
    const seen: LogRecord[] = [];
    const apply = (records: readonly LogRecord[]): void => void seen.push(...records);
    const reader = await openLogReader(kafka, {
      topics: [monitor.topics.commands],
      groupPrefix: 'test',
      apply,
      fail: quiet,
    });
    await reader.caughtUp();
    await reader.close();
    return seen;
  };

  it('is a command on the topic before it is answered, with the range that was asked for', async () => {
    const answers = [
      await post(undefined, key),
      await post('{"fromBlock":5,"toBlock":9}', {
        authorization: 'Bearer second-key',
        'content-type': 'application/json; charset=UTF-8',
      }),
    ];
    for (const { status, body } of answers) {
      expect(status).toBe(202);
      expect(body).toEqual({
        success: true,
        message: 'Force full sync initiated',
        timestamp: expect.any(String),
        commandId: expect.any(String),
        statusUrl: `/api/v1/monitor/force-sync/${String(body['commandId'])}`,
      });
    }
    const parsed = (await commands()).map(({ key: recordKey, value }) => parseCommandRecord(recordKey, value));
    expect(parsed).toMatchObject([
      {
        kind: 'backfill',
        command: { commandId: answers[0]?.body['commandId'], requestedBy: expect.stringMatching(/^key:[0-9a-f]{8}$/) },
      },
      { kind: 'backfill', command: { commandId: answers[1]?.body['commandId'], fromBlock: 5, toBlock: 9 } },
    ]);
    expect(parsed[0]).not.toHaveProperty('command.fromBlock');
    const day = 24 * 3_600_000;
    const expiresAt = new Date(Date.parse(String(answers[0]?.body['timestamp'])) + day).toISOString();
    expect(parsed[0]).toHaveProperty('command.expiresAt', expiresAt);
    expect((await monitor.ask(`force-sync/${String(answers[0]?.body['commandId'])}`)).body).toMatchObject({
      state: 'accepted',
    });
  });

  it('needs a key, and says the same of every wrong one', async () => {
    const before = (await commands()).length;
    const wrong = [{}, { 'x-api-key': 'x' }, { 'x-api-key': '' }, { authorization: `Basic ${canary}` }];
    const bodies = new Set<string>();
    for (const headers of wrong) {
      const answer = await post('{}', { 'content-type': 'application/json', ...headers });
      expect(problemOf(answer)).toBe('401 unauthorized');
      expect(answer.headers.get('www-authenticate')).toBe('Bearer');
      bodies.add(JSON.stringify({ ...answer.body, timestamp: '' }));
    }
    expect(bodies.size).toBe(1);
    expect(await refusal(`force-sync?key=${canary}`, { method: 'POST' })).toBe('401 unauthorized');
    expect(await commands()).toHaveLength(before);
  });

  it('leaves no key in the log', () => {
    const written = monitor.process.lines.map(({ text }) => text).join('\n');
    expect(written).toContain('force-sync requested');
    expect(written).not.toContain(canary);
  });
});

/** What the server answers to bytes that no client library would send. */
function raw(request: string): Promise<string> {
  const { hostname, port } = new URL(monitor.base);
  return new Promise((resolve, reject) => {
    let answer = '';
    const socket = connect(Number(port), hostname, () => socket.write(request));
    socket.setEncoding('utf8').on('data', (text) => (answer += String(text)));
    socket.on('close', () => {
      resolve(answer);
    });
    socket.on('error', reject);
    socket.setTimeout(10_000, () => socket.destroy());
  });
}

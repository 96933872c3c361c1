import { describe, expect, it } from '@jest/globals';
import { createLog } from '@hybrid-sync/runtime';
import { NotFoundException } from '@nestjs/common';
import express from 'express';
import type { AddressInfo } from 'node:net';
import { z } from 'zod';
import { Problem } from './problem.js';
import { ProblemFilter } from './problem.filter.js';

const body = z.record(z.string(), z.unknown());

interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly body: Readonly<Record<string, unknown>>;
}

async function answerTo(error: unknown): Promise<Answer> {
  const filter = new ProblemFilter(createLog({ service: 'x', level: 'silent', secrets: [] }));
  const app = express();
  app.get('/', (_request, response) => {
    filter.send(error, response);
  });
  const server = app.listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  const { port }: Partial<AddressInfo> = { port: 0, ...addressOf(server.address()) };
  const response = await fetch(`http://127.0.0.1:${port}/`);
  const answer = { status: response.status, headers: response.headers, body: body.parse(await response.json()) };
  server.closeAllConnections();
  server.close();
  return answer;
}

function addressOf(address: AddressInfo | string | null): Partial<AddressInfo> {
  return typeof address === 'object' && address !== null ? address : {};
}

describe('an error', () => {
  it('becomes a problem, with its members and headers', async () => {
    const headers = { 'retry-after': '2' };
    const problem = new Problem({ status: 503, code: 'stale', title: 'Not known', members: { asOf: null }, headers });
    const answer = await answerTo(problem);
    expect(answer.status).toBe(503);
    expect(answer.headers.get('content-type')).toMatch(/^application\/problem\+json/);
    expect(answer.headers.get('cache-control')).toBe('no-store');
    expect(answer.headers.get('retry-after')).toBe('2');
    expect(answer.body).toEqual({
      type: 'urn:hybrid-sync:problem:stale',
      title: 'Not known',
      status: 503,
      code: 'stale',
      asOf: null,
      timestamp: expect.any(String),
    });
  });

  it.each([
    new Error('connect ECONNREFUSED postgres://user:pw@db/sync'),
    Object.assign(new Error('select * from secrets'), { status: 500 }),
    'a string',
    undefined,
  ])('that is not meant for callers says nothing of itself: %s', async (error) => {
    const answer = await answerTo(error);
    expect(answer.status).toBe(503);
    expect(answer.headers.get('retry-after')).toBe('1');
    expect(answer.body).toEqual({
      type: 'urn:hybrid-sync:problem:unavailable',
      title: 'The answer cannot be given right now',
      status: 503,
      code: 'unavailable',
      timestamp: expect.any(String),
    });
  });

  it.each([
    [new NotFoundException('Cannot GET /<script>'), 404, 'not-found'],
    [Object.assign(new Error('Unexpected token x in JSON'), { status: 400 }), 400, 'bad-request'],
    [Object.assign(new Error('request entity too large'), { status: 413 }), 413, 'too-large'],
  ])('of the framework keeps its status and not its text: %s', async (error, status, code) => {
    const answer = await answerTo(error);
    expect(answer.status).toBe(status);
    expect(answer.body).toMatchObject({ status, code });
    expect(JSON.stringify(answer.body)).not.toContain(error.message);
  });
});

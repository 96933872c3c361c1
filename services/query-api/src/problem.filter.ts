import type { Log } from '@hybrid-sync/runtime';
import { Catch, HttpException, type ArgumentsHost, type ExceptionFilter } from '@nestjs/common';
import type { Response } from 'express';
import { z } from 'zod';
import { Problem, problemBody, type ProblemDetails } from './problem.js';

/** Errors of express's own parsers carry the status that they call for. */
const statusBearing = z.object({ status: z.int().min(400).max(499) });

const titles = new Map([
  [404, { code: 'not-found', title: 'There is no such route' }],
  [413, { code: 'too-large', title: 'The body is too large' }],
  [415, { code: 'unsupported-media-type', title: 'The body must be JSON in UTF-8' }],
]);

/** Every error becomes problem+json; what is not meant for callers stays in the log. */
@Catch()
export class ProblemFilter implements ExceptionFilter {
  readonly #log: Log;

  constructor(log: Log) {
    this.#log = log;
  }

  catch(error: unknown, host: ArgumentsHost): void {
    this.send(error, host.switchToHttp().getResponse<Response>());
  }

  /** Also for errors that express finds before a route is known. */
  send(error: unknown, response: Response): void {
    const details = detailsOf(error);
    if (details.status === 503 && !(error instanceof Problem)) this.#log.error({ error }, 'request failed');
    if (response.headersSent) {
      response.destroy();
      return;
    }
    response
      .status(details.status)
      .set({ 'cache-control': 'no-store', ...details.headers })
      .type('application/problem+json')
      .send(JSON.stringify(problemBody(details)));
  }
}

/** An unexpected failure is nearly always a database that is down or slow: 503, to be tried again. */
function detailsOf(error: unknown): ProblemDetails {
  if (error instanceof Problem) return error.details;
  const status = error instanceof HttpException ? error.getStatus() : statusBearing.safeParse(error).data?.status;
  if (status === undefined || status >= 500) {
    const headers = { 'retry-after': '1' };
    return { status: 503, code: 'unavailable', title: 'The answer cannot be given right now', headers };
  }
  return { status, ...(titles.get(status) ?? { code: 'bad-request', title: 'The request is malformed' }) };
}

import { HttpException } from '@nestjs/common';

/** What a caller can be told, as RFC 9457 has it. `code` is the last part of `type`. */
export interface ProblemDetails {
  readonly status: number;
  readonly code: string;
  readonly title: string;
  readonly detail?: string;
  /** Members beyond the standard ones, such as the last asOf. */
  readonly members?: Readonly<Record<string, unknown>>;
  readonly headers?: Readonly<Record<string, string>>;
}

/** An answer that is not the one asked for. Nothing in it may name a host, a URL, a statement or a stack. */
export class Problem extends HttpException {
  readonly details: ProblemDetails;

  constructor(details: ProblemDetails) {
    super(details.title, details.status);
    this.details = details;
  }
}

export function badRequest(code: string, detail: string): Problem {
  return new Problem({ status: 400, code, title: 'The request is malformed', detail });
}

/** @param allowed the methods of the route, comma-separated */
export function methodNotAllowed(allowed: string): Problem {
  const title = 'The route does not have this method';
  return new Problem({ status: 405, code: 'method-not-allowed', title, headers: { allow: allowed } });
}

/** The body of application/problem+json. */
export function problemBody({
  status,
  code,
  title,
  detail,
  members,
}: ProblemDetails): Readonly<Record<string, unknown>> {
  return {
    type: `urn:hybrid-sync:problem:${code}`,
    title,
    status,
    ...(detail === undefined ? {} : { detail }),
    code,
    ...members,
    timestamp: new Date().toISOString(),
  };
}

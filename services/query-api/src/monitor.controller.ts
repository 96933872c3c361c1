import { All, Controller, Get, Inject, Param, Query, Req, Res } from '@nestjs/common';
import type { Request, Response } from 'express';
import { MonitorService } from './monitor.service.js';
import { methodNotAllowed } from './problem.js';
import { parseLockId, parsePageQuery, parseRevokedQuery, parseSignature } from './request-parameters.js';

const routes = {
  health: 'health',
  stats: 'stats',
  lockStats: 'lock/:lockId/stats',
  revocations: 'lock/:lockId/revocations',
  revoked: 'lock/:lockId/signature/:signature/revoked',
} as const;

@Controller('api/v1/monitor')
export class MonitorController {
  readonly #monitor: MonitorService;

  constructor(@Inject(MonitorService) monitor: MonitorService) {
    this.#monitor = monitor;
  }

  @Get(routes.health)
  health(): Promise<object> {
    return this.#monitor.health();
  }

  @Get(routes.stats)
  stats(): Promise<object> {
    return this.#monitor.stats();
  }

  @Get(routes.lockStats)
  lockStats(@Param('lockId') lockId: string): Promise<object> {
    return this.#monitor.lockStats(parseLockId(lockId));
  }

  @Get(routes.revocations)
  async revocations(
    @Param('lockId') lockId: string,
    @Query() query: unknown,
    @Req() request: Request,
    @Res({ passthrough: true }) response: Response,
  ): Promise<object> {
    const page = parsePageQuery(query);
    const { body, nextCursor } = await this.#monitor.revocations(parseLockId(lockId), page);
    if (nextCursor !== null) {
      const next = new URLSearchParams({ limit: `${page.limit ?? 1000}`, cursor: nextCursor });
      response.set('link', `<${request.path}?${next.toString()}>; rel="next"`);
    }
    return body;
  }

  @Get(routes.revoked)
  revoked(
    @Param('lockId') lockId: string,
    @Param('signature') signature: string,
    @Query() query: unknown,
  ): Promise<object> {
    const subject = { lockId: parseLockId(lockId), signature, hashes: parseSignature(signature) };
    return this.#monitor.revoked(subject, parseRevokedQuery(query));
  }

  /** Comes last: only other methods get here. */
  @All(Object.values(routes))
  refuse(): never {
    throw methodNotAllowed('GET, HEAD');
  }
}

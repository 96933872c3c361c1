import { afterEach, describe, expect, it } from '@jest/globals';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer, type RequestListener, type Server } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { dockerEngineAnswers } from './docker-engine.js';

const servers: Server[] = [];

async function socketOf(listener: RequestListener): Promise<string> {
  const socket = join(await mkdtemp(join(tmpdir(), 'hybrid-sync-docker-')), 'docker.sock');
  const server = createServer(listener);
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(socket, resolve));
  return socket;
}

afterEach(async () => {
  for (const server of servers.splice(0)) {
    const address = server.address();
    server.closeAllConnections();
    server.close();
    if (typeof address === 'string') await rm(join(address, '..'), { recursive: true, force: true });
  }
});

describe('the Docker engine', () => {
  it('answers at the socket that DOCKER_HOST names', async () => {
    const socket = await socketOf((_request, response) => response.end('OK'));
    expect(await dockerEngineAnswers({ DOCKER_HOST: `unix://${socket}` })).toBe(true);
  });

  it('does not answer where nobody listens', async () => {
    expect(await dockerEngineAnswers({ DOCKER_HOST: 'unix:///nowhere/docker.sock' })).toBe(false);
  });

  it('is given up within a second when it accepts and says nothing', async () => {
    const socket = await socketOf(() => undefined);
    const begin = performance.now();
    expect(await dockerEngineAnswers({ DOCKER_HOST: `unix://${socket}` })).toBe(false);
    expect(performance.now() - begin).toBeLessThan(1000);
  });
});

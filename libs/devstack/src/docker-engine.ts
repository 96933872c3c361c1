import { existsSync } from 'node:fs';
import { request } from 'node:http';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { environment } from './environment.js';

type Address = { readonly socketPath: string } | { readonly host: string; readonly port: string };

/** Whether a Docker engine answers at its usual addresses; costs half a second at the most. */
export async function dockerEngineAnswers(variables = environment()): Promise<boolean> {
  const answers = await Promise.all(engineAddresses(variables).map(ping));
  return answers.includes(true);
}

/** `DOCKER_HOST` alone when it is set, else the sockets of Docker and its rootless and desktop forms. */
function engineAddresses(variables: Readonly<Record<string, string | undefined>>): Address[] {
  const named = variables['DOCKER_HOST'];
  if (named !== undefined && named !== '') return [addressOf(new URL(named))];
  const rootless = variables['XDG_RUNTIME_DIR'] ?? '/run/user/0';
  const sockets = ['/var/run/docker.sock', join(rootless, 'docker.sock'), join(homedir(), '.docker/run/docker.sock')];
  return sockets.filter((socketPath) => existsSync(socketPath)).map((socketPath) => ({ socketPath }));
}

function addressOf(url: URL): Address {
  return url.protocol === 'unix:' ? { socketPath: url.pathname } : { host: url.hostname, port: url.port || '2375' };
}

function ping(address: Address): Promise<boolean> {
  return new Promise((resolve) => {
    const call = request({ ...address, path: '/_ping', timeout: 500 }, (response) => {
      response.resume();
      resolve(response.statusCode === 200);
    });
    call.on('timeout', () => call.destroy());
    call.on('error', () => {
      resolve(false);
    });
    call.end();
  });
}

import type { Environment } from './environment.js';
import { nextFreePort } from './free-port.js';

export interface StackPorts {
  /** Where the answering service serves its callers. */
  readonly url: string;
  /** Where it says that answers can be given. */
  readonly readyUrl: string;
  readonly variablesOf: (service: string) => Readonly<Record<string, string>>;
}

const firstManagementPort = 9100;

/** A management port for every service, and the wanted PORT for the answering one or the next that is free. */
export async function planPorts(services: readonly string[], answering: string, wanted: number): Promise<StackPorts> {
  const port = await nextFreePort(wanted);
  const management = new Map<string, number>();
  for (const service of services) {
    management.set(service, await nextFreePort(Math.max(firstManagementPort, ...management.values()) + 1, port));
  }
  const managementPort = (service: string): string => String(management.get(service));
  return {
    url: `http://127.0.0.1:${port}`,
    readyUrl: `http://127.0.0.1:${managementPort(answering)}/readyz`,
    variablesOf: (service) => ({
      HOST: '127.0.0.1',
      MANAGEMENT_PORT: managementPort(service),
      ...(service === answering ? { PORT: String(port) } : {}),
    }),
  };
}

/** Throws what is wrong with it. */
export function wantedPort({ PORT: text }: Environment): number {
  const port = Number(text === undefined || text === '' ? 3000 : text);
  if (Number.isInteger(port) && port > 0 && port < 65_536) return port;
  throw new Error('PORT must be a number from 1 to 65535');
}

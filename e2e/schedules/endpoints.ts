import { startFaultProxy, type FaultProxy } from '@hybrid-sync/devstack';
import { faultsOf, type FaultName } from './faults.js';

/** The ways to the chain that the ingesters know. Each can be made to misbehave. */
export class Endpoints {
  readonly #proxies: readonly FaultProxy[];
  #lackedReceipts = false;

  private constructor(proxies: readonly FaultProxy[]) {
    this.#proxies = proxies;
  }

  static async start(count: number, nodeUrl: string): Promise<Endpoints> {
    return new Endpoints(await Promise.all(Array.from({ length: count }, () => startFaultProxy(nodeUrl))));
  }

  /** As `<NETWORK>_RPC_URL` has them; the first one over WebSocket too. */
  get urls(): string {
    const sockets = this.#proxies.slice(0, 1).map(({ wsUrl }) => wsUrl);
    return [...this.#proxies.map(({ url }) => url), ...sockets].join(',');
  }

  /** Where there is one endpoint, it is every one. */
  misbehave(endpoint: number, fault: FaultName, seed: number): void {
    if (fault === 'does not offer receipts') this.#lackedReceipts = true;
    this.#proxy(endpoint)?.set(faultsOf(fault, seed));
  }

  /** Whether one of them has ever been without receipts, which its callers remember for some minutes. */
  get lackedReceipts(): boolean {
    return this.#lackedReceipts;
  }

  heal(endpoint: number): void {
    this.#proxy(endpoint)?.heal();
  }

  healAll(): void {
    for (const proxy of this.#proxies) {
      proxy.heal();
      // What it remembers of the calls is not looked at.
      proxy.forget();
    }
  }

  async close(): Promise<void> {
    await Promise.all(this.#proxies.map((proxy) => proxy.close()));
  }

  #proxy(endpoint: number): FaultProxy | undefined {
    return this.#proxies[endpoint % this.#proxies.length];
  }
}

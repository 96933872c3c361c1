import type { DeploymentIdentity, ShownDeployment } from './deployment-identity.js';
import type { Endpoint } from './endpoint.js';
import type { ObserveRpc } from './rpc-events.js';
import { WrongDeploymentError } from './wrong-deployment.js';

export interface GuardOptions {
  /** Milliseconds. */
  readonly clock: () => number;
  readonly observe: ObserveRpc;
}

/** Who the endpoint was found to be, and when. */
type Standing =
  | { readonly kind: 'unknown' }
  | { readonly kind: 'right'; readonly at: number; readonly disruptions: number }
  | { readonly kind: 'wrong'; readonly at: number; readonly reason: string };

/** An endpoint may be replaced behind a connection that stays. */
const rightForMs = 5 * 60_000;
/** An endpoint that cannot be used is looked at again after so long: three cheap calls. */
const probeEveryMs = 5_000;

/** An endpoint that is used only while it shows the right deployment. */
export class GuardedEndpoint {
  readonly endpoint: Endpoint;
  readonly #options: GuardOptions;
  #identity: DeploymentIdentity | null = null;
  #standing: Standing = { kind: 'unknown' };
  #checking: Promise<void> | null = null;
  #checkedAt = -Infinity;

  constructor(endpoint: Endpoint, options: GuardOptions) {
    this.endpoint = endpoint;
    this.#options = options;
  }

  /** Why the endpoint is not used; null where it may be. */
  get setAside(): string | null {
    return this.#standing.kind === 'wrong' ? this.#standing.reason : null;
  }

  /** From now on the endpoint must show this. */
  guard(identity: DeploymentIdentity): void {
    this.#identity = identity;
    this.#standing = { kind: 'unknown' };
  }

  /** Rejects with a {@link WrongDeploymentError}, or with what keeps the endpoint from showing who it is. */
  async assure(): Promise<void> {
    if (this.#identity === null || this.#isRight()) return;
    const identity = this.#identity;
    this.#checking ??= this.#check(identity, () => identity.read(this.endpoint)).finally(() => {
      this.#checking = null;
    });
    await this.#checking;
  }

  /** Looks at an endpoint that is not in use whether it could be again, every now and then. Never rejects. */
  async probe(): Promise<void> {
    const { clock } = this.#options;
    const { health } = this.endpoint;
    const idle = this.setAside !== null || (!health.up && health.waitMs === 0);
    if (!idle || this.#identity === null || clock() - this.#checkedAt < probeEveryMs) return;
    await this.assure().catch(() => undefined);
  }

  /** Takes note of what the endpoint was found to show. */
  settle(identity: DeploymentIdentity, shown: ShownDeployment): void {
    const { clock, observe } = this.#options;
    const { label, disruptions } = this.endpoint;
    const reason = identity.judge(shown);
    if (reason !== null) {
      this.#standing = { kind: 'wrong', at: clock(), reason };
      observe({ kind: 'set-aside', endpoint: label, reason });
      throw new WrongDeploymentError(`${label}: ${reason}`);
    }
    if (this.#standing.kind !== 'right') observe({ kind: 'up', endpoint: label });
    this.#standing = { kind: 'right', at: clock(), disruptions };
  }

  async #check(identity: DeploymentIdentity, read: () => Promise<ShownDeployment>): Promise<void> {
    this.#checkedAt = this.#options.clock();
    this.settle(identity, await read());
  }

  #isRight(): boolean {
    const standing = this.#standing;
    if (standing.kind !== 'right') return false;
    const fresh = this.#options.clock() - standing.at < rightForMs;
    return fresh && standing.disruptions === this.endpoint.disruptions;
  }
}

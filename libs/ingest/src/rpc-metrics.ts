import type { RpcEvent } from '@hybrid-sync/chain';
import { Counter, Gauge, Histogram, type Metrics } from '@hybrid-sync/runtime';

const prefix = 'hybrid_sync_rpc';

/** What is measured of the endpoints. A label is a place in the configuration, such as `endpoint-1`, never a URL. */
export class RpcMetrics {
  readonly #requests: Counter<'endpoint' | 'method'>;
  readonly #duration: Histogram<'endpoint'>;
  readonly #errors: Counter<'endpoint' | 'kind'>;
  readonly #retries: Counter<'endpoint'>;
  readonly #rangeLimit: Gauge<'endpoint'>;
  readonly #batchLimit: Gauge<'endpoint'>;
  readonly #up: Gauge<'endpoint'>;
  readonly #setAside: Gauge<'endpoint'>;
  readonly #proofs: Counter<'outcome'>;
  readonly #headers: Counter<'endpoint' | 'outcome'>;
  readonly #disagreements: Counter<'outcome'>;
  readonly #doubts: Counter<'kind'>;
  readonly #disbelieved: Counter<'endpoint' | 'method'>;

  constructor(metrics: Metrics) {
    const registers = [metrics];
    const counter = <L extends string>(name: string, help: string, ...labelNames: L[]): Counter<L> =>
      new Counter<L>({ name: `${prefix}_${name}_total`, help, labelNames, registers });
    const gauge = (name: string, help: string): Gauge<'endpoint'> =>
      new Gauge({ name: `${prefix}_${name}`, help, labelNames: ['endpoint'], registers });
    this.#requests = counter('requests', 'Requests that ended, a batch counted once.', 'endpoint', 'method');
    this.#duration = new Histogram({
      name: `${prefix}_request_duration_seconds`,
      help: 'From sending a request to the end of its answer or its failure.',
      labelNames: ['endpoint'],
      buckets: [0.005, 0.02, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10],
      registers,
    });
    this.#errors = counter('errors', 'Requests that failed or were refused, by what that means.', 'endpoint', 'kind');
    this.#retries = counter('retries', 'Requests made again at the same endpoint at once.', 'endpoint');
    this.#rangeLimit = gauge('range_limit_blocks', 'Most blocks per query that the endpoint takes, as far as learnt.');
    this.#batchLimit = gauge('batch_limit_calls', 'Most calls per request that the endpoint takes, where it is known.');
    this.#up = gauge('endpoint_up', '1: the endpoint answers and shows the right deployment.');
    this.#setAside = gauge('endpoint_set_aside', '1: the endpoint shows another chain or deployment and is not used.');
    this.#proofs = counter('proofs', 'Blocks whose logs were held against their receipts.', 'outcome');
    this.#headers = counter('doubtful_headers', 'Headers whose hash does not follow.', 'endpoint', 'outcome');
    this.#disagreements = counter('disagreements', 'Blocks of which two endpoints say different things.', 'outcome');
    this.#doubts = counter('doubts', 'Answers that could not be held against another one, or look empty.', 'kind');
    this.#disbelieved = counter('disbelieved_answers', 'Answers that were not believed.', 'endpoint', 'method');
  }

  observe(event: RpcEvent): void {
    switch (event.kind) {
      case 'answered':
        this.#ended(event);
        break;
      case 'failed':
        this.#ended(event);
        this.#errors.inc({ endpoint: event.endpoint, kind: event.error });
        break;
      case 'retried':
        this.#retries.inc({ endpoint: event.endpoint });
        break;
      case 'range-limit':
        this.#rangeLimit.set({ endpoint: event.endpoint }, event.blocks);
        break;
      case 'batch-limit':
        this.#batchLimit.set({ endpoint: event.endpoint }, event.calls);
        break;
      case 'up':
      case 'down':
      case 'set-aside':
        this.#stands(event);
        break;
      default:
        this.#doubted(event);
    }
  }

  #ended({ endpoint, method, seconds }: Extract<RpcEvent, { readonly kind: 'answered' | 'failed' }>): void {
    this.#requests.inc({ endpoint, method });
    this.#duration.observe({ endpoint }, seconds);
  }

  #stands({ endpoint, kind }: Extract<RpcEvent, { readonly kind: 'up' | 'down' | 'set-aside' }>): void {
    this.#up.set({ endpoint }, kind === 'up' ? 1 : 0);
    if (kind !== 'down') this.#setAside.set({ endpoint }, kind === 'set-aside' ? 1 : 0);
  }

  #doubted(event: DoubtEvent): void {
    switch (event.kind) {
      case 'proof':
        this.#proofs.inc({ outcome: event.outcome });
        break;
      case 'header':
        this.#headers.inc({ endpoint: event.endpoint, outcome: event.outcome });
        break;
      case 'disagreement':
        this.#disagreements.inc({ outcome: event.outcome });
        break;
      case 'single-opinion':
      case 'suspicious-empty':
        this.#doubts.inc({ kind: event.kind.replace('-', '_') });
        break;
      case 'disbelieved':
        this.#disbelieved.inc({ endpoint: event.endpoint, method: event.method });
    }
  }
}

type DoubtEvent = Extract<
  RpcEvent,
  { readonly kind: 'proof' | 'header' | 'disagreement' | 'single-opinion' | 'suspicious-empty' | 'disbelieved' }
>;

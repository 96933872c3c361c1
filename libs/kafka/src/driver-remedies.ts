import { createRequire } from 'node:module';
import { decodeFetchResponse } from './fetch-response.js';
import { encodeProduceRequest, type ProduceRequest } from './produce-request.js';

const load = createRequire(import.meta.url);
const expected = '2.2.4';
let installed = false;

/**
 * Repairs kafkajs once per process, before first use. It reaches into the driver's files, so it accepts one version only.
 *
 * - Fetch responses are decoded by this package (see fetch-response.ts): the driver sticks for ever on a batch that compaction
 *   has emptied, knows one of four codecs, and overflows the stack on a batch of very many records.
 * - Produce requests are encoded by this package (see produce-request.ts), several times as fast.
 * - A broker that takes the connection and does not say what it can do counts as connected: whoever asks it next gets an error
 *   that no retry is made for. Here it is connected once it has said so.
 * - The request queue arms a timer with a negative delay after every request, with nothing to wake up for; Node 24 warns.
 */
export function installRemedies(): void {
  if (installed) return;
  requireVersion(load('kafkajs/package.json'));
  replaceFetchDecoders();
  replaceProduceEncoder(load('kafkajs/src/protocol/requests/produce'));
  awaitVersions(load('kafkajs/src/broker'));
  quietenRequestQueue(load('kafkajs/src/network/requestQueue'));
  installed = true;
}

function requireVersion(manifest: unknown): void {
  const version: unknown = isObject(manifest) ? Reflect.get(manifest, 'version') : undefined;
  if (version !== expected) {
    throw new Error(`kafkajs ${expected} is required: its remedies fit no other version, found ${String(version)}`);
  }
}

/** Version 11 is what every broker since Kafka 2.3 is asked for; the older ones would run without the remedy. */
function replaceFetchDecoders(): void {
  for (let version = 0; version <= 11; version++) {
    const response: unknown = load(`kafkajs/src/protocol/requests/fetch/v${version}/response`);
    if (!isObject(response)) throw new Error(`kafkajs has no fetch response ${version}`);
    Reflect.set(response, 'decode', version === 11 ? decodeFetchResponse : refuseOldBroker);
  }
}

function refuseOldBroker(): never {
  throw new Error('the broker is older than Kafka 2.3, which this package does not read from');
}

const produceVersion = 7;

/** Only what our publisher asks for: no transaction, no compression, no times of its own. */
function replaceProduceEncoder(produce: unknown): void {
  const protocol: unknown = isObject(produce) ? Reflect.get(produce, 'protocol') : undefined;
  if (!isObject(produce) || typeof protocol !== 'function') throw new Error('kafkajs has no produce protocol');
  Reflect.set(produce, 'protocol', (wanted: { readonly version: number }) => {
    const definition: unknown = Reflect.apply(protocol, produce, [wanted]);
    if (wanted.version !== produceVersion || typeof definition !== 'function') return definition;
    return (request: ProduceRequest) => withOurEncoder(Reflect.apply(definition, undefined, [request]), request);
  });
}

function withOurEncoder(exchange: unknown, request: ProduceRequest): unknown {
  const driversRequest: unknown = isObject(exchange) ? Reflect.get(exchange, 'request') : undefined;
  if (!isObject(driversRequest)) throw new Error('kafkajs has no produce request');
  Reflect.set(driversRequest, 'encode', () => {
    const bytes = encodeProduceRequest(request, Date.now());
    // The two fields by which the driver's encoder takes another one in.
    return Promise.resolve({ buf: bytes, buffer: bytes });
  });
  return exchange;
}

function awaitVersions(broker: unknown): void {
  const prototype: unknown = typeof broker === 'function' ? broker.prototype : undefined;
  if (!isObject(prototype)) throw new Error('kafkajs has no broker');
  const isConnected: unknown = Reflect.get(prototype, 'isConnected');
  if (typeof isConnected !== 'function') throw new Error('kafkajs has no broker connection');
  Reflect.set(prototype, 'isConnected', function (this: { readonly versions: unknown }) {
    return this.versions !== null && Reflect.apply(isConnected, this, []) === true;
  });
}

function quietenRequestQueue(queue: unknown): void {
  const prototype: unknown = typeof queue === 'function' ? queue.prototype : undefined;
  if (!isObject(prototype)) throw new Error('kafkajs has no request queue');
  const schedule: unknown = Reflect.get(prototype, 'scheduleCheckPendingRequests');
  if (typeof schedule !== 'function') throw new Error('kafkajs has no request queue schedule');
  Reflect.set(prototype, 'scheduleCheckPendingRequests', function (this: { readonly pending: readonly unknown[] }) {
    if (this.pending.length > 0) Reflect.apply(schedule, this, []);
  });
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null;
}

import { describe, expect, it } from '@jest/globals';
import { RpcError, WrongDeploymentError } from '@hybrid-sync/chain';
import type { ComponentStatus } from '@hybrid-sync/domain';
import { createLog } from '@hybrid-sync/runtime';
import { hashOf, identity, plainClaims } from '../../domain/src/testing/arbitraries.js';
import { StatusReporter } from './status-reporter.js';
import { GivenLease } from './testing/simulated-ingester.js';
import { until } from './testing/until.js';

const block = { number: 7, hash: hashOf(7), timestamp: 0 };
const status: ComponentStatus = {
  component: 'ingest-batch',
  deployment: { ...identity, startBlock: 0, startBlockHash: hashOf(0) },
  head: block,
  finalized: block,
  syncing: false,
  coverage: null,
  finalityViolation: null,
  ...plainClaims,
};
const log = createLog({ service: 'test', level: 'silent', secrets: [] });

interface Reporting {
  readonly reporter: StatusReporter;
  readonly lease: GivenLease;
  readonly said: ComponentStatus[];
  readonly stop: () => Promise<void>;
}

function beating(heartbeatMs: number, stuckMs?: number): Reporting {
  const said: ComponentStatus[] = [];
  const lease = new GivenLease();
  const componentStatus = (one: ComponentStatus): Promise<void> => Promise.resolve(void said.push(one));
  const reporter = new StatusReporter({
    writer: { componentStatus },
    lease,
    view: { windowOffsets: (settledTo) => new Map([[0, settledTo]]), acceptedViolation: null, incarnation: 'id' },
    guard: { unreadyReasons: [] },
    heartbeatMs,
    ...(stuckMs && { stuckMs }),
  });
  const controller = new AbortController();
  const beat = reporter.beat({ log, signal: controller.signal });
  const stop = async (): Promise<void> => {
    controller.abort();
    await beat;
  };
  return { reporter, lease, said, stop };
}

describe('a heartbeat', () => {
  it('repeats the last status again and again', async () => {
    const { reporter, said, stop } = beating(20);
    await reporter.say(status);
    await reporter.say({ ...status, syncing: true });
    await until(() => said.length >= 5);
    await stop();
    expect(said.slice(2).every(({ syncing }) => syncing)).toBe(true);
  });

  it('says nothing while the ingester itself says enough', async () => {
    const { reporter, said, stop } = beating(6_000);
    const other = beating(20);
    await Promise.all([reporter.say(status), other.reporter.say(status)]);
    await until(() => other.said.length >= 60);
    expect(said).toHaveLength(1);
    await Promise.all([stop(), other.stop()]);
  });

  it('says nothing where nothing was said, and nothing of a standby', async () => {
    const { reporter, lease, said, stop } = beating(10);
    const other = beating(10);
    await other.reporter.say(status);
    await until(() => other.said.length >= 5);
    expect(said).toEqual([]);
    await reporter.say(status);
    lease.lose();
    const before = said.length;
    await until(() => other.said.length >= 10);
    lease.take();
    await until(() => other.said.length >= 15);
    expect(said).toHaveLength(before);
    await Promise.all([stop(), other.stop()]);
  });
});

describe('a heartbeat of an ingester that is stuck', () => {
  it('falls silent, and comes back with the next step that succeeds', async () => {
    const { reporter, said, stop } = beating(10, 100);
    const other = beating(10);
    await Promise.all([reporter.say(status), other.reporter.say(status)]);
    await until(() => reporter.stuck);
    const before = said.length;
    const beats = other.said.length;
    await until(() => other.said.length >= beats + 10);
    expect(said.length).toBeLessThanOrEqual(before + 1);
    reporter.progressed();
    await until(() => said.length > before + 1);
    await Promise.all([stop(), other.stop()]);
  });
});

describe('an ingester', () => {
  it('is not ready from the first step that finds another deployment until one succeeds', async () => {
    const { reporter, stop } = beating(1_000);
    reporter.failed(new RpcError('unreachable', 'eth_chainId', 'down'));
    expect(reporter.unreadyReasons).toEqual([]);
    reporter.failed(new WrongDeploymentError('the endpoint is on chain 5 and not 1'));
    reporter.failed(new RpcError('unreachable', 'eth_chainId', 'down'));
    expect(reporter.unreadyReasons).toEqual(['wrong-deployment']);
    reporter.progressed();
    expect(reporter.unreadyReasons).toEqual([]);
    await stop();
  });
});

describe('the last word', () => {
  it('is forgotten with the lease: another replica may have spoken since', async () => {
    const { reporter, lease, stop } = beating(3_600_000);
    expect(reporter.last).toBeNull();
    await reporter.say(status);
    expect(reporter.last).toEqual({ ...status, topicIncarnation: 'id' });
    lease.lose();
    expect(reporter.last).toBeNull();
    lease.take();
    expect(reporter.last).toBeNull();
    await reporter.say(status);
    expect(reporter.last).toEqual({ ...status, topicIncarnation: 'id' });
    await stop();
  });
});

describe('a status', () => {
  it('says where the window begins, once blocks are settled', async () => {
    const { reporter, said, stop } = beating(1_000);
    const covered = { coveredFrom: 0, coveredTo: 7, coveredToHash: block.hash, coveredToTimestamp: 0 };
    await reporter.say(status);
    await reporter.say({ ...status, coverage: { ...covered, settledTo: 5, offsets: new Map() } });
    expect(said.map(({ windowOffsets }) => windowOffsets)).toEqual([new Map(), new Map([[0, 5]])]);
    await stop();
  });
});

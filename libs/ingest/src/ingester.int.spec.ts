import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { WrongDeploymentError } from '@hybrid-sync/chain';
import { encodeComponentStatus, revocationKey, type Component, type ComponentStatus } from '@hybrid-sync/domain';
import {
  deployLockRegistry,
  startChain,
  uniqueTopicPrefix,
  type Chain,
  type LockRegistry,
} from '@hybrid-sync/devstack';
import { openIngester, type OpenIngester } from './ingester.js';
import { ingesterContext } from './testing/ingester-context.js';
import { until } from './testing/until.js';
import { plainClaims } from '../../domain/src/testing/arbitraries.js';

let node: Chain;
let registry: LockRegistry;

beforeAll(async () => {
  node = await startChain();
  registry = await deployLockRegistry(node.url);
  await registry.revokeBatch(await registry.registerLock(), ['a', 'b', 'c']);
});
afterAll(() => node.stop());

const opened: OpenIngester[] = [];
afterEach(async () => {
  for (const ingester of opened.splice(0)) await ingester.close();
});

type Settings = Parameters<typeof ingesterContext>[2];

async function open(component: Component, settings: Settings): Promise<OpenIngester> {
  const ingester = await openIngester(component, ingesterContext(node, registry, settings), () => undefined);
  opened.push(ingester);
  return ingester;
}

async function active(component: Component, settings: Settings): Promise<OpenIngester> {
  const ingester = await open(component, settings);
  await until(() => ingester.lease.held);
  return ingester;
}

async function statusOf({ component, deployment, chain, view, writer }: OpenIngester): Promise<ComponentStatus> {
  const head = await chain.block('latest');
  const finalized = await chain.block('finalized');
  const covered = { coveredTo: head.number, coveredToHash: head.hash, coveredToTimestamp: head.timestamp };
  const offsets = view.covered(writer.acknowledged);
  const coverage = { coveredFrom: deployment.startBlock, ...covered, settledTo: finalized.number, offsets };
  return { component, deployment, head, finalized, syncing: false, coverage, finalityViolation: null, ...plainClaims };
}

/** The last word of ingest-batch. */
function encoded(view: OpenIngester['view']): string | null {
  const status = view.component('ingest-batch');
  return status === null ? null : encodeComponentStatus(status);
}

describe('an ingester on real servers', () => {
  it('reads back what it and the other one have written, now and after a restart', async () => {
    const topicPrefix = uniqueTopicPrefix();
    const one = await active('ingest-batch', { topicPrefix });
    const other = await open('ingest-realtime', { topicPrefix });
    const head = await one.chain.block('latest');
    const { logs } = await one.chain.logsOfBlock(head);
    expect(logs).toHaveLength(3);
    await one.writer.reconciled({ publish: logs, retract: [] }, { source: 'batch', finality: 'included' });
    const status = { ...(await statusOf(one)), topicIncarnation: one.view.incarnation };
    expect(status.topicIncarnation).toMatch(/^[\w-]{22}$/);
    await one.reporter.say(status);
    await one.view.reached(one.writer.acknowledged);
    await other.view.caughtUp();
    for (const { view } of [one, other]) {
      expect([view.window.size, view.revision]).toEqual([3, 3]);
      expect(encoded(view)).toBe(encodeComponentStatus(status));
    }
    await one.close();
    const again = await open('ingest-batch', { topicPrefix });
    expect([again.view.window.size, encoded(again.view)]).toEqual([3, encodeComponentStatus(status)]);
    const range = { fromBlock: head.number, toBlock: head.number };
    const fold = await again.foldRange(range);
    const besides = await fold.besides({ range, logs: logs.slice(1) });
    expect([...besides.keys()]).toEqual(logs.slice(0, 1).map(revocationKey));
    expect([...besides.values()]).toMatchObject(logs.slice(0, 1).map(({ blockHash }) => ({ blockHash })));
    const below = { fromBlock: 0, toBlock: head.number - 1 };
    expect((await (await again.foldRange(below)).besides({ range: below, logs: [] })).size).toBe(0);
  }, 60_000);

  it.each([
    ['another start block', { startBlock: 2 }, /startBlock is/],
    ['another chain', { chainId: 5 }, /chain 31337 and not 5/],
    ['an address without a contract', { contract: `0x${'1'.repeat(40)}` }, /no contract/],
  ])(
    'refuses to start with %s than the topics were made with',
    async (_, settings, reason) => {
      const topicPrefix = uniqueTopicPrefix();
      const first = await active('ingest-realtime', { topicPrefix });
      await first.reporter.say(await statusOf(first));
      const refused = open('ingest-batch', { topicPrefix, ...settings });
      await expect(refused).rejects.toThrow(WrongDeploymentError);
      await expect(refused).rejects.toThrow(reason);
    },
    60_000,
  );

  it('refuses to write without the lease', async () => {
    const topicPrefix = uniqueTopicPrefix();
    const first = await active('ingest-realtime', { topicPrefix });
    await first.close();
    await expect(first.reporter.say(await statusOf(first))).rejects.toThrow('another replica is active');
  }, 60_000);
});

import { describe, expect, it } from '@jest/globals';
import { encodeRetracted, encodeRevoked, revocationKey, type Reconciliation } from '@hybrid-sync/domain';
import { hashOf, identity, revocationLog } from '../../domain/src/testing/arbitraries.js';
import { LeaseLostError } from './lease.js';
import { MemoryTopics } from './testing/memory-topics.js';
import { GivenLease, topics } from './testing/simulated-ingester.js';
import { TopicRecreatedError, TopicWriter } from './topic-writer.js';

interface Writing {
  readonly log: MemoryTopics;
  readonly lease: GivenLease;
  readonly counted: Reconciliation[];
  /** What the process has read. */
  readonly view: { position: ReadonlyMap<number, number> };
  readonly ends: Error[];
  readonly writer: TopicWriter;
}

function writing(): Writing {
  const [log, lease, counted] = [new MemoryTopics(), new GivenLease(), [] as const];
  const published: Reconciliation[] = [...counted];
  const metrics = { observe: () => undefined, published: (found: Reconciliation) => void published.push(found) };
  const ends: Error[] = [];
  const outdated = (error: Error): void => void ends.push(error);
  const view = { position: new Map<number, number>() };
  return {
    log,
    lease,
    view,
    ends,
    counted: published,
    writer: new TopicWriter({ publisher: log, topics, identity, lease, metrics, view, outdated }),
  };
}

const log1 = revocationLog({ signatureHash: hashOf(1) });
const retraction = { ...revocationLog({ signatureHash: hashOf(2) }), reason: 'reorg' as const };
const found: Reconciliation = { publish: [log1], retract: [retraction] };
const origin = { source: 'realtime', finality: 'included' } as const;

describe('what reconcile found', () => {
  it('is written by key, byte for byte the same whoever writes it', async () => {
    const [one, other] = [writing(), writing()];
    await one.writer.reconciled(found, origin);
    await other.writer.reconciled(found, { source: 'force-sync', finality: 'finalized' });
    const expected = new Map([
      [revocationKey(retraction), encodeRetracted(retraction, identity)],
      [revocationKey(log1), encodeRevoked(log1, identity)],
    ]);
    expect(one.log.latest(topics.revocations)).toEqual(expected);
    expect(other.log.latest(topics.revocations)).toEqual(expected);
  });

  it('says in its headers who found it, under one trace', async () => {
    const { log, writer } = writing();
    await writer.reconciled(found, origin);
    const headers = log
      .records(topics.revocations)
      .map((record) => Object.fromEntries(Object.entries(record.headers).map(([name, text]) => [name, String(text)])));
    expect(headers[1]).toMatchObject({ source: 'realtime', finality: 'included', ce_subject: revocationKey(log1) });
    expect(headers[1]?.['ce_id']).toBe(`${identity.chainId}:${log1.blockHash}:${log1.logIndex}`);
    expect(headers[0]?.['ce_id']).toBe(`${identity.chainId}:${retraction.blockHash}:${retraction.logIndex}:retracted`);
    expect(headers[0]?.['traceparent']).toMatch(/^00-[0-9a-f]{32}-[0-9a-f]{16}-01$/);
    expect(headers[1]?.['traceparent']).toBe(headers[0]?.['traceparent']);
  });

  it('is remembered by the next offset of every partition that was ever written', async () => {
    const { log, writer } = writing();
    for (const number of [1, 2, 3, 4, 5]) {
      await writer.reconciled({ publish: [revocationLog({ signatureHash: hashOf(number) })], retract: [] }, origin);
    }
    const next = log.records(topics.revocations).map(({ partition, offset }) => [partition, offset + 1] as const);
    expect(writer.acknowledged).toEqual(new Map(next));
    expect(writer.acknowledged.size).toBeGreaterThan(1);
  });

  it('is neither acknowledged nor counted when it could not be written', async () => {
    const { log, writer, counted } = writing();
    log.before = () => {
      throw new Error('the broker is away');
    };
    await expect(writer.reconciled(found, origin)).rejects.toThrow('the broker is away');
    expect([writer.acknowledged.size, counted]).toEqual([0, []]);
  });

  it('needs no write where it is nothing', async () => {
    const { log, writer } = writing();
    await writer.reconciled({ publish: [], retract: [] }, origin);
    expect(log.records(topics.revocations)).toEqual([]);
  });

  it('is not written without the lease', async () => {
    const { log, lease, writer, counted } = writing();
    lease.lose();
    await expect(writer.reconciled(found, origin)).rejects.toThrow(LeaseLostError);
    expect([log.records(topics.revocations), counted]).toEqual([[], []]);
  });
});

describe('a revocation topic that is made again while it is written to', () => {
  it('is told by records that lie where others of this process lay, and gets nothing more', async () => {
    const { writer, log, ends } = writing();
    await writer.reconciled(found, origin);
    log.recreate(topics.revocations);
    await expect(writer.reconciled(found, origin)).rejects.toThrow('was made again');
    expect(ends.map(({ name }) => name)).toEqual(['TopicRecreatedError']);
    const { length } = log.records(topics.revocations);
    await expect(writer.reconciled(found, origin)).rejects.toThrow(TopicRecreatedError);
    expect(log.records(topics.revocations)).toHaveLength(length);
  });

  it('is told by records that lie where those of others were read', async () => {
    const { writer, view, ends } = writing();
    view.position = new Map(Array.from({ length: 8 }, (_, partition) => [partition, 1]));
    await expect(writer.reconciled(found, origin)).rejects.toThrow(TopicRecreatedError);
    expect(ends).toHaveLength(1);
  });
});

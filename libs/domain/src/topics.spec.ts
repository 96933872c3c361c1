import { describe, expect, it } from '@jest/globals';
import { revocationPartitions, topicContracts, topicNames } from './topics.js';

const names = topicNames('sepolia');
const contractOf = (name: string) => topicContracts(names).find((contract) => contract.name === name);

describe('topics', () => {
  it('are named after the network', () => {
    expect(names).toEqual({
      revocations: 'sepolia.signature-revocations.v1',
      status: 'sepolia.sync-status.v1',
      commands: 'sepolia.sync-commands.v1',
      entries: 'sepolia.signature-entries.v1',
      deadLetters: 'sepolia.dead-letters.v1',
    });
  });

  it('each have a contract', () => {
    expect(topicContracts(names).map((contract) => contract.name)).toEqual(Object.values(names));
  });

  it('spread revocations over a power of two of partitions', () => {
    expect(revocationPartitions & (revocationPartitions - 1)).toBe(0);
  });

  it('keep the last revocation per key, and a tombstone for a week', () => {
    expect(contractOf(names.revocations)).toMatchObject({
      partitions: 8,
      config: {
        'cleanup.policy': 'compact',
        'min.compaction.lag.ms': '3600000',
        'max.compaction.lag.ms': '86400000',
        'delete.retention.ms': '604800000',
        'segment.ms': '21600000',
        'unclean.leader.election.enable': 'false',
      },
    });
  });

  it('spread entries over as many partitions, and keep them for thirty days', () => {
    const config = { 'cleanup.policy': 'delete', 'retention.ms': '2592000000' };
    expect(contractOf(names.entries)).toMatchObject({ partitions: 8, config });
  });

  it.each([
    [names.status, { 'cleanup.policy': 'compact' }],
    [names.commands, { 'cleanup.policy': 'delete', 'retention.ms': '604800000' }],
    [names.deadLetters, { 'cleanup.policy': 'delete', 'retention.ms': '2592000000' }],
  ])('hold %s in one partition with %p', (name, config) => {
    expect(contractOf(name)).toMatchObject({ partitions: 1, config });
  });

  it("are stamped by the broker, whose clock is not the ingesters'", () => {
    for (const { config } of topicContracts(names)) expect(config['message.timestamp.type']).toBe('LogAppendTime');
  });

  it('may keep more than they must, but not be cleaned up in another way', () => {
    for (const contract of topicContracts(names)) {
      expect(contract.exact).toEqual(['cleanup.policy']);
      expect(contract.atLeast).toEqual([
        contract.config['cleanup.policy'] === 'compact' ? 'delete.retention.ms' : 'retention.ms',
      ]);
    }
  });
});

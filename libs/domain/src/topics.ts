/** Fixed for life: a key's partition must never change. A power of two. */
export const revocationPartitions = 8;
const entryPartitions = 8;

export interface TopicNames {
  readonly revocations: string;
  readonly status: string;
  readonly commands: string;
  readonly entries: string;
  readonly deadLetters: string;
}

/** @param prefix the network, unless KAFKA_TOPIC_PREFIX says otherwise */
export function topicNames(prefix: string): TopicNames {
  return {
    revocations: `${prefix}.signature-revocations.v1`,
    status: `${prefix}.sync-status.v1`,
    commands: `${prefix}.sync-commands.v1`,
    entries: `${prefix}.signature-entries.v1`,
    deadLetters: `${prefix}.dead-letters.v1`,
  };
}

/** What a topic must be like. Durations in the values are milliseconds, as Kafka's settings have them. */
export interface TopicContract {
  readonly name: string;
  readonly partitions: number;
  readonly config: Readonly<Record<string, string>>;
  /** Settings of `config` that must be exactly so. */
  readonly exact: readonly string[];
  /** Settings of `config` that must not be smaller. */
  readonly atLeast: readonly string[];
}

const hour = 3_600_000;
const day = 24 * hour;

/** Every topic of a deployment, for creation and for the check at start. */
export function topicContracts(names: TopicNames): readonly TopicContract[] {
  return [
    compacted(names.revocations, revocationPartitions, {
      'min.compaction.lag.ms': `${hour}`,
      'max.compaction.lag.ms': `${day}`,
      'segment.ms': `${6 * hour}`,
    }),
    compacted(names.status, 1, { 'segment.ms': `${hour}` }),
    deleted(names.commands, 1, 7 * day),
    deleted(names.entries, entryPartitions, 30 * day),
    deleted(names.deadLetters, 1, 30 * day),
  ];
}

/** The broker stamps records: an ingester whose clock is wrong is neither refused nor believed. */
const common = { 'unclean.leader.election.enable': 'false', 'message.timestamp.type': 'LogAppendTime' };

function compacted(name: string, partitions: number, config: Record<string, string>): TopicContract {
  const base = { ...common, 'cleanup.policy': 'compact', 'delete.retention.ms': `${7 * day}` };
  const atLeast = ['delete.retention.ms'];
  return { name, partitions, config: { ...base, ...config }, exact: ['cleanup.policy'], atLeast };
}

function deleted(name: string, partitions: number, retention: number): TopicContract {
  const config = { ...common, 'cleanup.policy': 'delete', 'retention.ms': `${retention}` };
  return { name, partitions, config, exact: ['cleanup.policy'], atLeast: ['retention.ms'] };
}

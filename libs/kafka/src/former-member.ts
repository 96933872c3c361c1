import kafkajs, { type Cluster, type PartitionAssigner } from 'kafkajs';

/** The driver hands its cluster to assigners: the only public way to a group's coordinator. */
export function assignerThatShows(show: (cluster: Cluster) => void): PartitionAssigner {
  return (config) => {
    show(config.cluster);
    return kafkajs.PartitionAssigners.roundRobin(config);
  };
}

export interface FormerMember {
  readonly groupId: string;
  readonly memberId: string;
}

/**
 * Takes a member that could not leave by itself out of its group. Without it the next member waits until the former one's session
 * has timed out.
 */
export async function leaveFor(cluster: Cluster, former: FormerMember): Promise<void> {
  const coordinator = await cluster.findGroupCoordinator({ groupId: former.groupId });
  const leave: unknown = Reflect.get(coordinator, 'leaveGroup');
  if (typeof leave !== 'function') throw new Error('kafkajs has no leaveGroup');
  await Reflect.apply(leave, coordinator, [former]);
}

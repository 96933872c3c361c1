import { plainKafka } from './topic-tail.js';
import { untilTrue } from './until-true.js';

const patienceSeconds = 60;

/** Resolves when so many members have shared the partitions among themselves. */
export async function untilGroupStable(brokers: string, groupId: string, members: number): Promise<void> {
  const admin = plainKafka(brokers).admin();
  await admin.connect();
  const isStable = async (): Promise<boolean> => {
    const { groups } = await admin.describeGroups([groupId]);
    return groups.some((group) => group.state === 'Stable' && group.members.length === members);
  };
  await untilTrue(`${members} members in ${groupId}`, isStable, patienceSeconds);
  await admin.disconnect();
}

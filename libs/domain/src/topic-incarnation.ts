import type { ComponentStatus } from './sync-status.js';

/** Whether offsets of the one are offsets of the other. Where either is not known, nothing speaks against it. */
export function isSameIncarnation(one: string | null | undefined, other: string | null | undefined): boolean {
  return one == null || other == null || one === other;
}

/** What a status says of this incarnation of the revocation topic: of another one's coverage, nothing. */
export function statusOnTopic(status: ComponentStatus, incarnation: string | null): ComponentStatus {
  if (isSameIncarnation(status.topicIncarnation, incarnation)) return status;
  return { ...status, coverage: null, windowOffsets: new Map() };
}

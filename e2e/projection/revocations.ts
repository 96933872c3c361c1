import type { Outgoing } from '../topic-session.js';
import { recordOf, type Draft } from './drafts.js';

/** So many revocations, of these numbers upwards. */
export function revocations(from: number, count: number, source: Draft['source'] = 'realtime'): readonly Outgoing[] {
  return Array.from({ length: count }, (_, index) =>
    recordOf({ kind: 'revoked', revocation: from + index, log: 0, source }),
  );
}

import { z } from 'zod';
import type { TopicRecord } from '../topic-client.js';

const componentStatus = z.looseObject({
  kind: z.literal('component'),
  component: z.string(),
  head: z.looseObject({ number: z.int(), hash: z.string() }),
  coveredFrom: z.int().nullable(),
  coveredTo: z.int().nullable(),
  coveredToHash: z.string().nullable(),
  settledTo: z.int().nullable(),
  offsets: z.record(z.string(), z.int()),
  finalityViolation: z.looseObject({ blockNumber: z.int() }).nullable(),
  proof: z.string(),
});

/** What an ingester said about itself, read off the topic without the code that wrote it. */
export type ComponentStatus = z.infer<typeof componentStatus>;

/** All that the record stream holds of them, oldest first; the progress of commands is left out. */
export function componentStatuses(records: readonly TopicRecord[]): readonly ComponentStatus[] {
  return records.flatMap(({ value }) => {
    const parsed = componentStatus.safeParse(JSON.parse(String(value)));
    return parsed.success ? [parsed.data] : [];
  });
}

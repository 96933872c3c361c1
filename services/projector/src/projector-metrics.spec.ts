import { describe, expect, it } from '@jest/globals';
import { createMetrics } from '../../../libs/runtime/src/metrics.js';
import { ProjectorMetrics, type ScrapedState } from './projector-metrics.js';
import type { AppliedPart } from './read-model.js';

const topic = 'revocations';
const none: ScrapedState = { partitions: [], tables: { active: null, asOfBlock: null, rebuild: null } };
const place = { topic, partition: 3, appliedOffset: 7, endOffset: 9, recordWrittenAt: null, atEndAt: 0 };

async function scrape(states: readonly ScrapedState[], use: (metrics: ProjectorMetrics) => void): Promise<string[]> {
  const registry = createMetrics('projector');
  const metrics = new ProjectorMetrics(registry);
  let state = none;
  metrics.follow(() => state);
  use(metrics);
  const texts: string[] = [];
  for (const one of states) {
    state = one;
    texts.push(await registry.metrics());
  }
  return texts;
}

function value(text: string | undefined, name: string): string | undefined {
  return text?.split('\n').find((line) => line.startsWith(`hybrid_sync_${name}{`));
}

describe('the metrics of a projector', () => {
  it('tell of its own partitions only', async () => {
    const owning = { ...none, partitions: [place] };
    const [before, after] = await scrape([owning, none], () => undefined);
    expect(value(before, 'applied_offset')).toMatch(/topic="revocations",partition="3".* 7$/);
    expect(value(before, 'lag_records')).toMatch(/ 2$/);
    expect(value(before, 'lag_seconds')).toMatch(/ \d/);
    for (const name of ['applied_offset', 'lag_records', 'lag_seconds']) expect(value(after, name)).toBeUndefined();
  });

  it('leave out what is not known, and what is over', async () => {
    const tables = { ...none.tables, asOfBlock: 12, rebuild: { applied: 5, target: 9 } };
    const [before, after] = await scrape([{ ...none, tables }, none], () => undefined);
    expect(value(before, 'as_of_block')).toMatch(/ 12$/);
    expect(value(before, 'rebuild_applied_records')).toMatch(/ 5$/);
    expect(value(before, 'rebuild_target_records')).toMatch(/ 9$/);
    for (const name of ['as_of_block', 'generation', 'rebuild_applied_records'])
      expect(value(after, name)).toBeUndefined();
  });

  it('count what was applied', async () => {
    const part: Pick<AppliedPart, 'deadLetters' | 'writtenAt'> = { deadLetters: [], writtenAt: 0 };
    const [text] = await scrape([none], (metrics) => {
      const retractions: AppliedPart['retractions'] = [];
      metrics.applied({ ...part, topic, partition: 3, nextOffset: 9, records: 4, rows: 3, retractions, seconds: 0.2 });
      metrics.stale(topic);
    });
    expect(value(text, 'rows_written_total')).toMatch(/ 3$/);
    expect(value(text, 'batch_records_sum')).toMatch(/ 4$/);
    expect(value(text, 'batch_seconds_sum')).toMatch(/ 0.2$/);
    expect(value(text, 'stale_batches_total')).toMatch(/ 1$/);
    expect(value(text, 'applied_retractions_total')).toMatch(/ 0$/);
  });
});

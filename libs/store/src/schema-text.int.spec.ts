import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { schemaText } from './index.js';
import { testStore, type TestStore } from './testing/test-store.js';

let store: TestStore;
beforeAll(async () => {
  store = await testStore();
});
afterAll(() => store.drop());

it('is what libs/store/schema.sql says; where it is not, run npm run generate', async () => {
  const file = await readFile(join(import.meta.dirname, '../schema.sql'), 'utf8');
  const [, ...committed] = file.split('\n\n');
  expect(committed.join('\n\n')).toBe(await schemaText(store.database));
});

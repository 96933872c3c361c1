import { describe, expect, it } from '@jest/globals';
import { parseConfiguration } from '@hybrid-sync/runtime';
import { configuration, secretsOf, type QueryApiConfig } from './config.js';

const good = {
  NETWORK: 'local',
  LOCAL_CONTRACT_ADDRESS: '0x0000000000000000000000000000000000c0ffee',
  KAFKA_BROKERS: 'kafka:9092',
  DATABASE_URL: 'postgres://user:p%40ss%2Bword@db/sync',
};
const parse = (changes: Readonly<Record<string, string>> = {}): ReturnType<typeof parseConfiguration<QueryApiConfig>> =>
  parseConfiguration(configuration, { ...good, ...changes });

describe('the configuration of the API', () => {
  it('lets anybody write on loopback only', () => {
    for (const HOST of ['127.0.0.1', '127.1.2.3', 'localhost', '::1']) expect(parse({ HOST }).kind).toBe('valid');
    for (const HOST of ['0.0.0.0', '::', '10.0.0.1', '127.0.0.1.example.org']) {
      expect(parse({ HOST })).toEqual({
        kind: 'invalid',
        problems: ['API_KEYS: is required where HOST is not a loopback address, unless API_OPEN_WRITES=true'],
      });
      expect(parse({ HOST, API_KEYS: 'a-key' }).kind).toBe('valid');
      expect(parse({ HOST, API_OPEN_WRITES: 'true' }).kind).toBe('valid');
    }
  });

  it.each([',', ' , ,'])('does not take a list without a key for open writes: %j', (API_KEYS) => {
    expect(parse({ API_KEYS, HOST: '0.0.0.0' })).toEqual({
      kind: 'invalid',
      problems: ['API_KEYS: must hold at least one key'],
    });
  });

  it('knows what must never be written', () => {
    const parsed = parse({ API_KEYS: 'one, two' });
    if (parsed.kind === 'invalid') throw new Error(parsed.problems.join());
    expect(parsed.config.apiKeys).toEqual(['one', 'two']);
    expect(secretsOf(parsed.config)).toEqual([good.DATABASE_URL, 'p%40ss%2Bword', 'p@ss+word', 'one', 'two']);
  });
});

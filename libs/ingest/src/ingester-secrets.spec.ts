import { describe, expect, it } from '@jest/globals';
import { ingesterSecrets } from './ingester-secrets.js';

const kafka = { brokers: ['127.0.0.1:9092'], ssl: false, topicPrefix: 'local', topics: 'create' } as const;

describe('the secrets of an ingester', () => {
  it('are its URLs, and the keys that an error might quote alone', () => {
    const rpcUrls = ['https://node.example/v3/canary0canary0', 'wss://node.example/ws?key=canary1canary1'];
    expect(ingesterSecrets({ rpcUrls, kafka })).toEqual([...rpcUrls, 'canary0canary0', 'canary1canary1']);
  });

  it('hold the password of the login', () => {
    const sasl = { mechanism: 'plain', username: 'ingester', password: 'canary' } as const;
    expect(ingesterSecrets({ rpcUrls: ['http://127.0.0.1:8545'], kafka: { ...kafka, sasl } })).toEqual([
      'http://127.0.0.1:8545',
      'canary',
    ]);
  });
});

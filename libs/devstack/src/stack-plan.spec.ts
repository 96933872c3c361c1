import { describe, expect, it } from '@jest/globals';
import { planStack } from './stack-plan.js';

const sepolia = { SEPOLIA_RPC_URL: 'https://rpc.example', SEPOLIA_CONTRACT_ADDRESS: '0x01' };

describe('the plan of npm start', () => {
  it('brings everything along when nothing is named', () => {
    expect(planStack({})).toEqual({ network: 'local', kafka: true, postgres: true, chain: true });
  });

  it('follows a real chain when its RPC is named', () => {
    expect(planStack(sepolia)).toMatchObject({ network: 'sepolia', chain: false, kafka: true });
    expect(planStack({ ...sepolia, NETWORK: 'local' })).toMatchObject({ network: 'local', chain: true });
  });

  it('leaves out the servers that are named, also by a file', () => {
    const named = { KAFKA_BROKERS: 'kafka:9092', DATABASE_URL_FILE: '/run/secrets/database' };
    expect(planStack(named)).toMatchObject({ kafka: false, postgres: false, chain: true });
  });

  it('takes an empty variable for an unset one', () => {
    expect(planStack({ KAFKA_BROKERS: '', SEPOLIA_RPC_URL: '' })).toMatchObject({ kafka: true, network: 'local' });
  });

  it('names what is missing for a chain that is not ours', () => {
    expect(() => planStack({ SEPOLIA_RPC_URL: 'https://rpc.example' })).toThrow('SEPOLIA_CONTRACT_ADDRESS is required');
    expect(() => planStack({ NETWORK: 'my-chain' })).toThrow('MY_CHAIN_RPC_URL is required');
  });
});

import { afterEach, describe, expect, it } from '@jest/globals';
import { readDeployment } from './deployment-check.js';
import { EndpointPool } from '../endpoint/endpoint-pool.js';
import { plainChain } from '../testing/plain-chain.js';
import { RpcServer } from '../testing/rpc-server.js';
import { blockHashOf, contract, wireBlock } from '../testing/wire-shapes.js';
import { WrongDeploymentError } from '../endpoint/wrong-deployment.js';

const servers: RpcServer[] = [];
afterEach(async () => {
  await Promise.all(servers.splice(0).map((server) => server.close()));
});

const expected = { chainId: 31_337, contract, startBlock: 5 };
const pauses = [1, 1, 1];

/** Of a node that answers the first calls of a method so, and from then on as it should. */
async function confused(method: string, times: number, answer: unknown): Promise<RpcServer> {
  let left = times;
  const right = plainChain();
  const server = await RpcServer.start((call) => {
    if (call.method !== method || left === 0) return right(call);
    left -= 1;
    return { result: answer };
  });
  servers.push(server);
  return server;
}

describe('the deployment at the start', () => {
  it.each([
    ['no code', 'eth_getCode', '0x'],
    ['another chain', 'eth_chainId', '0x5'],
    ['another start block', 'eth_getBlockByNumber', wireBlock(5, { hash: blockHashOf(6) })],
  ])('is looked at again where an endpoint shows %s once', async (_, method, answer) => {
    const { url } = await confused(method, 1, answer);
    const { url: other } = await confused('eth_chainId', 1, '0x5');
    const endpoints = new EndpointPool(method === 'eth_getBlockByNumber' ? [other, url] : [url, other]);
    const found = await readDeployment({ endpoints }, expected, pauses);
    expect(found).toEqual({ ...expected, startBlockHash: expect.any(String) });
  });

  it('is refused when it is wrong at every look, with the reason', async () => {
    const { url, ...node } = await confused('eth_getCode', 100, '0x');
    const refused = readDeployment({ endpoints: new EndpointPool([url]) }, expected, pauses);
    await expect(refused).rejects.toThrow(WrongDeploymentError);
    await expect(refused).rejects.toThrow(`there is no contract at ${contract}`);
    expect(node.calls.filter(({ method }) => method === 'eth_getCode')).toHaveLength(pauses.length + 1);
  });

  it('is not refused by an endpoint that does not answer: that is for others to wait for', async () => {
    const { url } = await confused('eth_chainId', 100, 'nothing');
    const asked = readDeployment({ endpoints: new EndpointPool([url]) }, expected, pauses);
    await expect(asked).rejects.toMatchObject({ kind: 'malformed' });
  });
});

import { afterEach } from '@jest/globals';
import { plainChain } from './plain-chain.js';
import { RpcServer, type Reply, type RpcCall } from './rpc-server.js';
import { wireBlock } from './wire-shapes.js';

const servers: RpcServer[] = [];
afterEach(async () => {
  await Promise.all(servers.splice(0).map((server) => server.close()));
});

/** A node of the plain chain that may be given other answers, or go down, at any time. */
export class Node {
  down: ((call: RpcCall) => Reply) | null = null;
  chainId = '0x7a69';
  startHash = wireBlock(5)['hash'];
  head = 100;
  #server: RpcServer | null = null;

  static async start(): Promise<Node> {
    const node = new Node();
    const methods = {
      eth_chainId: () => node.chainId,
      eth_getBlockByNumber: ([tag]: readonly unknown[]) =>
        tag === 'latest' ? wireBlock(node.head) : wireBlock(Number(tag), tag === '0x5' ? { hash: node.startHash } : {}),
      eth_test: () => 'answer',
    };
    const plain = plainChain(methods);
    node.#server = await RpcServer.start((call) => (node.down ?? plain)(call));
    servers.push(node.#server);
    return node;
  }

  get url(): string {
    return this.#server?.url ?? '';
  }

  get asked(): number {
    return this.#server?.paramsOf('eth_test').length ?? 0;
  }

  get checked(): number {
    return this.#server?.paramsOf('eth_chainId').length ?? 0;
  }
}

import { deployLockRegistry, rpcCall, type LockRegistry } from '@hybrid-sync/devstack';
import { keccak_256 } from '@noble/hashes/sha3.js';
import { bytesToHex, utf8ToBytes } from '@noble/hashes/utils.js';

/** Sends revocations without waiting for the block that will hold them. */
export interface RevocationSender {
  readonly registry: LockRegistry;
  /** So many transactions with one revocation each; resolves when the node has taken them. */
  send(count: number): Promise<void>;
}

const selector = bytesToHex(keccak_256(utf8ToBytes('revokeSignature(uint256,string)')).slice(0, 4));
const gas = '0x30d40';

export async function openRevocationSender(url: string): Promise<RevocationSender> {
  const registry = await deployLockRegistry(url);
  const lock = await registry.registerLock();
  const [from] = [await rpcCall(url, 'eth_accounts')].flat();
  let sent = 0;
  return {
    registry,
    send: async (count) => {
      for (const last = sent + count; sent < last; sent++) {
        const data = `0x${selector}${argumentsOf(lock, `revocation ${sent}`)}`;
        await rpcCall(url, 'eth_sendTransaction', [{ from, to: registry.address, data, gas }]);
      }
    },
  };
}

/** A number, and the place, length and bytes of a text of at most 32 bytes (Solidity ABI). */
function argumentsOf(lock: bigint, text: string): string {
  const bytes = utf8ToBytes(text);
  const words = [lock, 64n, BigInt(bytes.length)].map((value) => value.toString(16).padStart(64, '0'));
  return `${words.join('')}${bytesToHex(bytes).padEnd(64, '0')}`;
}

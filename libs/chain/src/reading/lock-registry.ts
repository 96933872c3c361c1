// The part that is needed: the whole package brings wallets and providers into memory.
import { Interface } from 'ethers/abi';
import type { Hash32 } from '@hybrid-sync/domain';

/** The part of the lock registry that is mirrored. The argument types and the indexed flags decide the topics. */
const lockRegistry = new Interface([
  'event SignatureRevoked(uint256 indexed lockId, bytes32 indexed signatureHash, address indexed owner)',
  'function revokedSignatures(uint256 lockId, bytes32 signatureHash) view returns (bool)',
  'function getRevokedSignatureCount(uint256 lockId) view returns (uint256)',
]);

export type RegistryView = 'revokedSignatures' | 'getRevokedSignatureCount';

/** The data of an eth_call. */
export function encodeView(view: RegistryView, args: readonly (bigint | Hash32)[]): string {
  return lockRegistry.encodeFunctionData(view, args);
}

/** First topic of every log that is asked for. */
export const revocationTopic = topicOf('SignatureRevoked');

function topicOf(event: string): string {
  const fragment = lockRegistry.getEvent(event);
  if (fragment === null) throw new Error(`the contract has no event ${event}`);
  return fragment.topicHash;
}

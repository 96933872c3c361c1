import type { AbiStateMutability, ExtractAbiFunctionNames } from 'abitype';
import { getCreateAddress, hexlify, Interface, keccak256, randomBytes, toUtf8Bytes } from 'ethers';
import { lockRegistryAbi } from './lock-registry-abi.js';
import { lockRegistryBytecode } from './lock-registry-bytecode.js';
import { RpcError, rpcCall } from './rpc-call.js';
import { type Mined, sendTransaction, type TransactionRequest } from './transaction.js';

type Method<Mutability extends AbiStateMutability> = ExtractAbiFunctionNames<typeof lockRegistryAbi, Mutability>;

const contract = new Interface(lockRegistryAbi);

/** `other` has the same functions and counts the same, but says so by an event of another signature. */
export type Generation = 'current' | 'other';

/** The accounts that deploy. */
const registryOwners = { current: 9, other: 8 } as const;
const otherEvent = 'SignatureRevoked(uint256,string)';

export interface Revoked {
  readonly blockNumber: number;
  readonly transactionHash: string;
}

/** The demo contract, used as one account of the local chain. A rule that is broken rejects with its error's name. */
export interface LockRegistry {
  /** Lower case. */
  readonly address: string;
  /** The block that holds the deployment. */
  readonly blockNumber: number;
  /** The same contract, used as another of the chain's ten accounts; number 9 owns the registry. */
  as(account: number): LockRegistry;
  /** The account becomes the owner of the new lock. */
  registerLock(publicKey?: string): Promise<bigint>;
  revoke(lockId: bigint, signature: string): Promise<Revoked & { readonly signatureHash: string }>;
  /** One transaction; some 250 signatures fit into a block. */
  revokeBatch(
    lockId: bigint,
    signatures: readonly string[],
  ): Promise<Revoked & { readonly signatureHashes: readonly string[] }>;
  /** The transaction of `revokeBatch`, for a caller that decides itself which block it is mined in. */
  batchRequest(lockId: bigint, signatures: readonly string[]): TransactionRequest;
  /** keccak256 of the UTF-8 text. */
  hashOf(signature: string): string;
  isRevoked(lockId: bigint, signature: string): Promise<boolean>;
  isHashRevoked(lockId: bigint, signatureHash: string): Promise<boolean>;
  revokedCount(lockId: bigint): Promise<number>;
  lockCount(): Promise<bigint>;
  pause(): Promise<void>;
  unpause(): Promise<void>;
}

/**
 * Deploys the demo contract on a local chain, or finds it where it was deployed before:
 * its address follows from an account that does nothing else first.
 */
export async function deployLockRegistry(rpcUrl: string, generation: Generation = 'current'): Promise<LockRegistry> {
  const accounts = await accountsOf(rpcUrl);
  const from = accounts[registryOwners[generation]] ?? '';
  const address = getCreateAddress({ from, nonce: 0 }).toLowerCase();
  const blockNumber =
    (await deploymentBlock(rpcUrl, address)) ??
    (await sendTransaction(rpcUrl, { from, data: bytecodeOf(generation) })).blockNumber;
  return registryAs({ rpcUrl, accounts, address, blockNumber }, 0);
}

function bytecodeOf(generation: Generation): string {
  const bytecode = lockRegistryBytecode();
  const topic = contract.getEvent('SignatureRevoked')?.topicHash ?? '';
  return generation === 'current' ? bytecode : bytecode.replaceAll(topic.slice(2), hashOf(otherEvent).slice(2));
}

interface Deployment {
  readonly rpcUrl: string;
  readonly accounts: readonly string[];
  readonly address: string;
  readonly blockNumber: number;
}

async function accountsOf(rpcUrl: string): Promise<string[]> {
  const accounts = await rpcCall(rpcUrl, 'eth_accounts');
  return Array.isArray(accounts) ? accounts.map(String) : [];
}

/** Its first log tells: a chain that was started again has old logs, but not the state of old blocks. */
async function deploymentBlock(rpcUrl: string, address: string): Promise<number | undefined> {
  const topics = [contract.getEvent('RegistryCreated')?.topicHash];
  const logs = await rpcCall(rpcUrl, 'eth_getLogs', [{ address, topics, fromBlock: '0x0' }]);
  const first: unknown = Array.isArray(logs) ? logs[0] : undefined;
  if (typeof first !== 'object' || first === null || !('blockNumber' in first)) return undefined;
  return Number(first.blockNumber);
}

function registryAs(deployment: Deployment, account: number): LockRegistry {
  const { address, blockNumber } = deployment;
  const from = deployment.accounts[account] ?? '';
  const request = (method: Method<'nonpayable'>, values: readonly unknown[]): TransactionRequest => ({
    from,
    to: address,
    data: contract.encodeFunctionData(method, values),
  });
  const send = async (method: Method<'nonpayable'>, ...values: unknown[]): Promise<Mined> =>
    named(sendTransaction(deployment.rpcUrl, request(method, values)));
  const view = async (method: Method<'view'>, ...values: unknown[]): Promise<unknown> => {
    const call = { from, to: address, data: contract.encodeFunctionData(method, values) };
    const answer = await rpcCall(deployment.rpcUrl, 'eth_call', [call, 'latest']);
    return contract.decodeFunctionResult(method, String(answer))[0];
  };
  return {
    address,
    blockNumber,
    as: (other) => registryAs(deployment, other),
    registerLock: async (publicKey = hexlify(randomBytes(64))) => registeredLock(await send('registerLock', publicKey)),
    revoke: async (lockId, signature) => ({
      ...revokedIn(await send('revokeSignature', lockId, signature)),
      signatureHash: hashOf(signature),
    }),
    revokeBatch: async (lockId, signatures) => ({
      ...revokedIn(await send('batchRevokeSignatures', lockId, signatures)),
      signatureHashes: signatures.map(hashOf),
    }),
    batchRequest: (lockId, signatures) => request('batchRevokeSignatures', [lockId, signatures]),
    hashOf,
    isRevoked: async (lockId, signature) => (await view('isSignatureRevoked', lockId, signature)) === true,
    isHashRevoked: async (lockId, signatureHash) => (await view('revokedSignatures', lockId, signatureHash)) === true,
    revokedCount: async (lockId) => Number(await view('getRevokedSignatureCount', lockId)),
    lockCount: async () => BigInt(String(await view('lockCount'))),
    pause: async () => {
      await send('pause');
    },
    unpause: async () => {
      await send('unpause');
    },
  };
}

/** Puts the name of the contract's error in place of its four bytes. */
async function named(sent: Promise<Mined>): Promise<Mined> {
  try {
    return await sent;
  } catch (error) {
    const reason = error instanceof RpcError && error.data !== undefined ? contract.parseError(error.data) : null;
    if (reason === null) throw error;
    throw new Error(reason.name, { cause: error });
  }
}

function registeredLock({ logs }: Mined): bigint {
  const [log] = logs;
  const event = log === undefined ? null : contract.parseLog(log);
  return BigInt(String(event?.args.getValue('lockId')));
}

function revokedIn({ blockNumber, transactionHash }: Mined): Revoked {
  return { blockNumber, transactionHash };
}

function hashOf(signature: string): string {
  return keccak256(toUtf8Bytes(signature));
}

import type { Abi } from 'abitype';

/** Interface of contract/LockRegistry.sol; a test holds it against what the compiler says. */
export const lockRegistryAbi = [
  { inputs: [], stateMutability: 'nonpayable', type: 'constructor' },
  {
    inputs: [
      { name: 'lockId', type: 'uint256' },
      { name: 'signatureHash', type: 'bytes32' },
    ],
    name: 'AlreadyRevoked',
    type: 'error',
  },
  { inputs: [], name: 'EmptyBatch', type: 'error' },
  { inputs: [], name: 'EmptyPublicKey', type: 'error' },
  { inputs: [], name: 'EmptySignature', type: 'error' },
  { inputs: [], name: 'IsNotPaused', type: 'error' },
  { inputs: [], name: 'IsPaused', type: 'error' },
  { inputs: [{ name: 'lockId', type: 'uint256' }], name: 'NotLockOwner', type: 'error' },
  { inputs: [], name: 'NotRegistryOwner', type: 'error' },
  { inputs: [{ name: 'lockId', type: 'uint256' }], name: 'TooManyRevocations', type: 'error' },
  {
    anonymous: false,
    inputs: [
      { indexed: true, name: 'lockId', type: 'uint256' },
      { indexed: true, name: 'owner', type: 'address' },
      { indexed: false, name: 'publicKey', type: 'bytes' },
    ],
    name: 'LockRegistered',
    type: 'event',
  },
  { anonymous: false, inputs: [{ indexed: true, name: 'by', type: 'address' }], name: 'Paused', type: 'event' },
  {
    anonymous: false,
    inputs: [
      { indexed: true, name: 'lockId', type: 'uint256' },
      { indexed: true, name: 'signatureHash', type: 'bytes32' },
      { indexed: true, name: 'owner', type: 'address' },
    ],
    name: 'SignatureRevoked',
    type: 'event',
  },
  { anonymous: false, inputs: [{ indexed: true, name: 'by', type: 'address' }], name: 'Unpaused', type: 'event' },
  {
    inputs: [],
    name: 'MAX_REVOCATIONS_PER_LOCK',
    outputs: [{ name: '', type: 'uint256' }],
    stateMutability: 'view',
    type: 'function',
  },
  {
    inputs: [
      { name: 'lockId', type: 'uint256' },
      { name: 'signatures', type: 'string[]' },
    ],
    name: 'batchRevokeSignatures',
    outputs: [],
    stateMutability: 'nonpayable',
    type: 'function',
  },
  {
    inputs: [{ name: 'lockId', type: 'uint256' }],
    name: 'getRevokedSignatureCount',
    outputs: [{ name: '', type: 'uint256' }],
    stateMutability: 'view',
    type: 'function',
  },
  {
    inputs: [
      { name: 'lockId', type: 'uint256' },
      { name: 'signature', type: 'string' },
    ],
    name: 'isSignatureRevoked',
    outputs: [{ name: '', type: 'bool' }],
    stateMutability: 'view',
    type: 'function',
  },
  {
    inputs: [],
    name: 'lockCount',
    outputs: [{ name: '', type: 'uint256' }],
    stateMutability: 'view',
    type: 'function',
  },
  {
    inputs: [{ name: 'lockId', type: 'uint256' }],
    name: 'lockOwner',
    outputs: [{ name: '', type: 'address' }],
    stateMutability: 'view',
    type: 'function',
  },
  { inputs: [], name: 'pause', outputs: [], stateMutability: 'nonpayable', type: 'function' },
  { inputs: [], name: 'paused', outputs: [{ name: '', type: 'bool' }], stateMutability: 'view', type: 'function' },
  {
    inputs: [{ name: 'publicKey', type: 'bytes' }],
    name: 'registerLock',
    outputs: [{ name: 'lockId', type: 'uint256' }],
    stateMutability: 'nonpayable',
    type: 'function',
  },
  {
    inputs: [],
    name: 'registryOwner',
    outputs: [{ name: '', type: 'address' }],
    stateMutability: 'view',
    type: 'function',
  },
  {
    inputs: [
      { name: 'lockId', type: 'uint256' },
      { name: 'signature', type: 'string' },
    ],
    name: 'revokeSignature',
    outputs: [],
    stateMutability: 'nonpayable',
    type: 'function',
  },
  {
    inputs: [
      { name: 'lockId', type: 'uint256' },
      { name: 'signatureHash', type: 'bytes32' },
    ],
    name: 'revokedSignatures',
    outputs: [{ name: '', type: 'bool' }],
    stateMutability: 'view',
    type: 'function',
  },
  { inputs: [], name: 'unpause', outputs: [], stateMutability: 'nonpayable', type: 'function' },
] as const satisfies Abi;

import { RLP, type Input } from '@ethereumjs/rlp';
import { keccak_256 } from '@noble/hashes/sha3.js';

/** What the fields of a header hash to, and which fields those were. */
export interface HeaderSeal {
  readonly hash: string;
  /** Equal for headers with the same fields. Whether this is all that the chain hashes, only a match can tell. */
  readonly fields: string;
}

/**
 * keccak256 of the RLP of a block's header, as of its JSON; null where a field is missing or not in the usual form. With
 * fields of a fork that is not known here, or of a chain that hashes otherwise, the result is not the block's hash.
 */
export function sealHeader(block: Readonly<Record<string, unknown>>): HeaderSeal | null {
  const values: Input[] = [];
  let fields = '';
  for (const [name, form] of headerFields) {
    const value = block[name];
    if (value == null && laterFields.has(name)) continue;
    if (typeof value !== 'string' || !form.test(value)) return null;
    values.push(form === quantity ? minimalBytes(value) : Buffer.from(value.slice(2), 'hex'));
    fields += `${name} `;
  }
  const unknown = Object.keys(block).filter((name) => !knownNames.has(name) && block[name] != null);
  const hash = `0x${Buffer.from(keccak_256(RLP.encode(values))).toString('hex')}`;
  return { hash, fields: fields + unknown.toSorted().join(' ') };
}

const quantity = /^0x[0-9a-fA-F]{1,64}$/;
const bytes = (count: number): RegExp => new RegExp(`^0x[0-9a-fA-F]{${count * 2}}$`);
const word = bytes(32);

/** In the order of the RLP: yellow paper section 4.4, then EIP-1559, 4895, 4844, 4788 and 7685. */
const headerFields: readonly (readonly [string, RegExp])[] = [
  ['parentHash', word],
  ['sha3Uncles', word],
  ['miner', bytes(20)],
  ['stateRoot', word],
  ['transactionsRoot', word],
  ['receiptsRoot', word],
  ['logsBloom', bytes(256)],
  ['difficulty', quantity],
  ['number', quantity],
  ['gasLimit', quantity],
  ['gasUsed', quantity],
  ['timestamp', quantity],
  ['extraData', /^0x([0-9a-fA-F]{2})*$/],
  ['mixHash', word],
  ['nonce', bytes(8)],
  ['baseFeePerGas', quantity],
  ['withdrawalsRoot', word],
  ['blobGasUsed', quantity],
  ['excessBlobGas', quantity],
  ['parentBeaconBlockRoot', word],
  ['requestsHash', word],
];

const laterFields = new Set([
  'baseFeePerGas',
  'withdrawalsRoot',
  'blobGasUsed',
  'excessBlobGas',
  'parentBeaconBlockRoot',
  'requestsHash',
]);

/** What stands beside the header in a block's JSON. */
const besideHeader = ['hash', 'size', 'totalDifficulty', 'uncles', 'transactions', 'withdrawals'];
const knownNames = new Set([...headerFields.map(([name]) => name), ...besideHeader]);

/** RLP writes a number without leading zeros, and zero as nothing. */
function minimalBytes(value: string): Uint8Array {
  const digits = value.slice(2).replace(/^0+/, '');
  return Buffer.from(digits.length % 2 === 0 ? digits : `0${digits}`, 'hex');
}

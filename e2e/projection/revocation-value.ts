import { z } from 'zod';

// Shares no code with the services: what docs/topics.md says, read once more.

const hash = z.string().regex(/^0x[0-9a-f]{64}$/);
const address = z.string().regex(/^0x[0-9a-f]{40}$/);
const count = z.int().min(0);
const largestLock = 2n ** 256n;
const revokedEvent = '0x6aafae7433d8bb4c5fa5379b396b5fd6fae3dae9fbb1b60de92f4b7c48bdf354';
const largestLogIndex = 2 ** 31 - 1;

const log = {
  schemaVersion: z.literal(1),
  chainId: z.int(),
  contract: address,
  lockId: z.string(),
  signatureHash: hash,
  blockNumber: count,
  blockHash: hash,
  transactionHash: hash,
  logIndex: count.max(largestLogIndex),
};
const revoked = z.strictObject({
  ...log,
  kind: z.literal('revoked'),
  owner: address,
  blockTimestamp: z.iso.datetime({ precision: 0 }).refine((time) => Date.parse(time) >= 0),
  transactionIndex: count,
  topics: z.array(z.string()),
  data: z.literal('0x'),
});
const retracted = z.strictObject({
  ...log,
  kind: z.literal('retracted'),
  reason: z.enum(['reorg', 'not-canonical']),
});
const value = z.discriminatedUnion('kind', [revoked, retracted]);

export type RevokedValue = z.infer<typeof revoked>;
export type RetractedValue = z.infer<typeof retracted>;

/** The contract that the topic is about. */
export interface Deployment {
  readonly chainId: number;
  readonly contract: string;
}

/** `lockId-signatureHash` taken apart; null where the key is not spelt so. */
export function readKey(key: Buffer | null): { readonly lockId: string; readonly signatureHash: string } | null {
  const [, lockId = '', signatureHash = ''] = /^(0|[1-9][0-9]{0,77})-(0x[0-9a-f]{64})$/.exec(textOf(key)) ?? [];
  return lockId !== '' && BigInt(lockId) < largestLock ? { lockId, signatureHash } : null;
}

/** Null where it is not a record of the topic of this deployment under this key. */
export function readValue(
  key: Buffer | null,
  bytes: Buffer,
  { chainId, contract }: Deployment,
): RevokedValue | RetractedValue | null {
  const parsed = value.safeParse(jsonOf(bytes)).data;
  if (parsed?.chainId !== chainId || parsed.contract !== contract) return null;
  if (`${parsed.lockId}-${parsed.signatureHash}` !== textOf(key)) return null;
  return parsed.kind === 'retracted' || agreesWithLog(parsed) ? parsed : null;
}

function agreesWithLog({ topics, lockId, signatureHash, owner }: RevokedValue): boolean {
  const lock = `0x${BigInt(lockId).toString(16).padStart(64, '0')}`;
  const words = [revokedEvent, lock, signatureHash, `0x${owner.slice(2).padStart(64, '0')}`];
  return topics.length === 4 && words.every((word, index) => word === topics[index]);
}

/** Empty where the bytes are not UTF-8. */
function textOf(bytes: Buffer | null): string {
  const text = bytes?.toString('utf8') ?? '';
  return Buffer.from(text).equals(bytes ?? Buffer.alloc(0)) ? text : '';
}

/** Undefined where the bytes are not JSON in UTF-8. */
export function jsonOf(bytes: Buffer | null): unknown {
  try {
    return JSON.parse(textOf(bytes));
  } catch {
    return undefined;
  }
}

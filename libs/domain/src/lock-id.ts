import { z } from 'zod';

const largest = 2n ** 256n - 1n;
const decimal = /^(0|[1-9][0-9]{0,77})$/;

/**
 * A lock's id: uint256, on every wire a decimal string without leading zeros. Nothing else is normalised, so `007`,
 * `0x7`, `+7` and ` 7` are refused instead of being read as 7.
 */
export const lockId = z
  .string()
  .regex(decimal, 'must be a decimal number without leading zeros')
  .transform((text) => BigInt(text))
  .refine((id) => id <= largest, 'must be at most 2^256-1')
  .brand<'LockId'>();
export type LockId = z.infer<typeof lockId>;

/** Whether a number can be the id of a lock. */
export function isLockId(id: bigint): id is LockId {
  return id >= 0n && id <= largest;
}

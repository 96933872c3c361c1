import { z } from 'zod';

/** 32 bytes as `0x` and 64 lower-case hex digits. Made by {@link hash32} only. */
export const hash32 = z
  .string()
  .regex(/^0x[0-9a-fA-F]{64}$/, 'must be 0x followed by 64 hex digits')
  .transform((text) => text.toLowerCase())
  .brand<'Hash32'>();
export type Hash32 = z.infer<typeof hash32>;

/** 20 bytes as `0x` and 40 lower-case hex digits. Made by {@link address} only. */
export const address = z
  .string()
  .regex(/^0x[0-9a-fA-F]{40}$/, 'must be 0x followed by 40 hex digits')
  .transform((text) => text.toLowerCase())
  .brand<'Address'>();
export type Address = z.infer<typeof address>;

const canonical = { message: 'hex digits must be lower-case' };

/** As {@link hash32}, on a topic: only the canonical spelling is accepted. */
export const canonicalHash32 = z
  .string()
  .regex(/^0x[0-9a-f]{64}$/, canonical)
  .brand<'Hash32'>();

/** As {@link address}, on a topic: only the canonical spelling is accepted. */
export const canonicalAddress = z
  .string()
  .regex(/^0x[0-9a-f]{40}$/, canonical)
  .brand<'Address'>();

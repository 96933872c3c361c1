import { openConnection } from '@hybrid-sync/devstack';

/** What the projector writes of a revocation. */
export const revocationColumns = [
  'block_number',
  'revoked_at',
  'log_index',
  'partition',
  'first_published_by',
  'lock_id',
  'signature_hash',
  'transaction_hash',
  'block_hash',
  'revoked_by',
] as const;

/** A table of the shape that the projector writes into, empty, with nothing that watches it. */
export async function createBareTable(
  databaseUrl: string,
  { indexes }: { readonly indexes: boolean },
): Promise<string> {
  const connection = await openConnection(databaseUrl);
  const including = indexes ? 'including all' : 'including defaults including constraints';
  await connection.query(`create table bare (like revocations_a ${including})`);
  await connection.close();
  return 'bare';
}

import pg from 'pg';

/** SQLSTATE classes of data exceptions and of integrity constraint violations. */
const refused = /^2[23]/;

/** Whether the server refuses the values themselves, so that no retry helps: a number out of range, a NUL in text. */
export function isRefusedValue(error: unknown): error is Error & { readonly code: string } {
  return error instanceof pg.DatabaseError && refused.test(error.code ?? '');
}

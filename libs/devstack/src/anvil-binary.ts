import { createRequire } from 'node:module';
import { arch, platform } from 'node:os';

/** Absolute path of the native program: the package's own command is a wrapper that would be one process more. */
export function anvilBinary(): string {
  const library = createRequire(createRequire(import.meta.url).resolve('@foundry-rs/anvil/package.json'));
  const cpu = arch() === 'x64' ? 'amd64' : arch();
  return library.resolve(`@foundry-rs/anvil-${platform()}-${cpu}/bin/anvil`);
}

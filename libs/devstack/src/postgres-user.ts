import { execFile } from 'node:child_process';
import { chown } from 'node:fs/promises';
import { userInfo } from 'node:os';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** Postgres refuses to run as root: root hands the data directory and the process to another user. */
export interface PostgresUser {
  /** To be put before the program and its arguments. */
  readonly prefix: readonly string[];
  own(directory: string): Promise<void>;
}

export async function postgresUser(): Promise<PostgresUser> {
  if (userInfo().uid !== 0) return { prefix: [], own: () => Promise.resolve() };
  const { uid, gid } = (await idsOf('postgres')) ?? (await idsOf('nobody')) ?? missing();
  return {
    prefix: ['setpriv', `--reuid=${uid}`, `--regid=${gid}`, '--clear-groups', ...(await passDirectories(uid, gid))],
    own: (directory) => chown(directory, uid, gid),
  };
}

async function idsOf(user: string): Promise<{ uid: number; gid: number } | undefined> {
  try {
    const [uid, gid] = await Promise.all(['-u', '-g'].map(async (flag) => (await run('id', [flag, user])).stdout));
    return { uid: Number(uid), gid: Number(gid) };
  } catch {
    return undefined;
  }
}

function missing(): never {
  throw new Error('Postgres does not run as root: create a user named postgres, or run this as another user.');
}

/**
 * A checkout below a directory that only root may enter (such as /root) would be closed to the other
 * user. The capability lets it through, and the secure bit lets it count for access(2), which initdb
 * asks; where they are not to be had, such a checkout does not work.
 */
async function passDirectories(uid: number, gid: number): Promise<string[]> {
  const capability = ['--securebits=+no_setuid_fixup', '--inh-caps=+dac_override', '--ambient-caps=+dac_override'];
  const attempt = [`--reuid=${uid}`, `--regid=${gid}`, '--clear-groups', ...capability, 'true'];
  return run('setpriv', attempt).then(
    () => capability,
    () => [],
  );
}

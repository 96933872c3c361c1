import type { Cut } from '@hybrid-sync/devstack';

/** The simple query `commit`, as the protocol has it: its letter, its length, its text. */
const commitMessage = Buffer.from('Q\0\0\0\u000bcommit\0', 'latin1');

/** For a proxy before Postgres: meets the next so many commits, then lets everything pass. */
export function cutCommits(when: Cut, commits: number): (bytes: Buffer) => Cut | null {
  let left = commits;
  return (bytes) => {
    if (left === 0 || !bytes.includes(commitMessage)) return null;
    left -= 1;
    return when;
  };
}

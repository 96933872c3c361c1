import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { environment } from './environment.js';

const run = promisify(execFile);

/** The `java` of JAVA_HOME, else of the PATH. */
export function javaCommand(): string {
  const home = environment()['JAVA_HOME'];
  return home === undefined || home === '' ? 'java' : join(home, 'bin', 'java');
}

/** Throws one line that says what to install. */
export async function requireJava(): Promise<void> {
  const major = await javaMajorVersion();
  if (major === undefined) throw new Error('Java is missing: install a Java runtime, version 17 or newer.');
  if (major < 17) throw new Error(`Java ${major} is too old: install a Java runtime, version 17 or newer.`);
}

async function javaMajorVersion(): Promise<number | undefined> {
  try {
    const { stderr } = await run(javaCommand(), ['-version']);
    const major = /version "(\d+)/.exec(stderr)?.[1];
    return major === undefined ? undefined : Number(major);
  } catch {
    return undefined;
  }
}

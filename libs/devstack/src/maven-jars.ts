import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, readFile, rename, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { inCheckout } from './checkout.js';
import { supervise } from './supervised.js';

export interface MavenJars {
  /** Names the jars in the cache and in messages. */
  readonly name: string;
  /** The file that lists them. */
  readonly pom: string;
}

/** Class path with the jars that a pom asks for; downloaded by Maven once per pom. */
export async function mavenClassPath(jars: MavenJars): Promise<string> {
  const directory = await directoryOf(jars);
  if (!existsSync(directory)) await download(jars, directory);
  return join(directory, '*');
}

/** Whether the class path is there without a download. */
export async function isDownloaded(jars: MavenJars): Promise<boolean> {
  return existsSync(await directoryOf(jars));
}

async function directoryOf({ name, pom }: MavenJars): Promise<string> {
  const digest = createHash('sha256').update(await readFile(pom));
  return inCheckout('.cache', name, digest.digest('hex').slice(0, 16));
}

/** Renamed into place when complete: a download that was killed is never taken for a finished one. */
async function download(jars: MavenJars, directory: string): Promise<void> {
  const unfinished = `${directory}.${process.pid}.tmp`;
  await mkdir(dirname(directory), { recursive: true });
  await rm(unfinished, { recursive: true, force: true });
  try {
    await copyDependencies(jars, unfinished);
    await rename(unfinished, directory);
  } catch (error) {
    await rm(unfinished, { recursive: true, force: true });
    if (!existsSync(directory)) throw error;
  }
}

async function copyDependencies({ name, pom }: MavenJars, outputDirectory: string): Promise<void> {
  const goal = ['dependency:copy-dependencies', '-DincludeScope=runtime', `-DoutputDirectory=${outputDirectory}`];
  const args = ['--batch-mode', '--file', pom, ...goal];
  const logFile = join(dirname(outputDirectory), 'maven.log');
  const { code } = await supervise({ program: 'mvn', args, logFile }).exited;
  if (code === 127) throw new Error('Maven is missing: install Maven 3.6 or newer (the command mvn).');
  if (code !== 0) throw new Error(`Maven could not download the jars of ${name}, see ${logFile}`);
}

import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, readFile, rename, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { inCheckout } from './checkout.js';
import { supervise } from './supervised.js';

const pom = inCheckout('deploy', 'kafka', 'pom.xml');

/** Class path with the broker, its tools and the Java clients; downloaded by Maven once per pom. */
export async function kafkaClassPath(): Promise<string> {
  const jars = inCheckout('.cache', 'kafka', await fingerprint());
  if (!existsSync(jars)) await download(jars);
  return join(jars, '*');
}

async function fingerprint(): Promise<string> {
  return createHash('sha256')
    .update(await readFile(pom))
    .digest('hex')
    .slice(0, 16);
}

/** Renamed into place when complete: a download that was killed is never taken for a finished one. */
async function download(jars: string): Promise<void> {
  const unfinished = `${jars}.${process.pid}.tmp`;
  await mkdir(dirname(jars), { recursive: true });
  await rm(unfinished, { recursive: true, force: true });
  try {
    await copyDependencies(unfinished);
    await rename(unfinished, jars);
  } catch (error) {
    await rm(unfinished, { recursive: true, force: true });
    if (!existsSync(jars)) throw error;
  }
}

async function copyDependencies(outputDirectory: string): Promise<void> {
  const goal = ['dependency:copy-dependencies', '-DincludeScope=runtime', `-DoutputDirectory=${outputDirectory}`];
  const args = ['--batch-mode', '--file', pom, ...goal];
  const logFile = join(dirname(outputDirectory), 'maven.log');
  const { code } = await supervise({ program: 'mvn', args, logFile }).exited;
  if (code === 127) throw new Error('Maven is missing: install Maven 3.6 or newer (the command mvn).');
  if (code !== 0) throw new Error(`Maven could not download the jars of Kafka, see ${logFile}`);
}

import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type KafkaOptions, pauseProcess, resumeProcess, startKafka, testServers } from '@hybrid-sync/devstack';

/** The broker that all tests share. */
export function sharedKafka(): { readonly brokers: readonly string[] } {
  return { brokers: testServers().brokers.split(',') };
}

export interface OwnKafka {
  readonly brokers: readonly string[];
  readonly dataDir: string;
  readonly classPath: string;
  /** SIGKILL, then the same broker again. */
  crash(): Promise<{ restart(): Promise<void> }>;
  /** Resolves when every node stands still. */
  pause(): Promise<void>;
  resume(): void;
  /** SIGKILL to one node, counted from 0. */
  killNode(index: number): void;
  close(): Promise<void>;
}

/** A broker for one file, for settings and faults that others must not see. */
export async function ownKafka(options: Omit<KafkaOptions, 'dataDir'> = {}): Promise<OwnKafka> {
  const dataDir = await mkdtemp(join(tmpdir(), 'hybrid-sync-kafka-'));
  const start = (): ReturnType<typeof startKafka> => startKafka({ ...options, dataDir });
  let kafka = await start();
  return {
    dataDir,
    classPath: kafka.classPath,
    brokers: kafka.brokers.split(','),
    crash: async () => {
      await kafka.kill();
      return {
        restart: async () => {
          kafka = await start();
        },
      };
    },
    pause: async () => {
      await Promise.all(kafka.pids.map(pauseProcess));
    },
    resume: () => {
      kafka.pids.forEach(resumeProcess);
    },
    killNode: (index) => {
      const pid = kafka.pids[index];
      if (pid !== undefined) process.kill(pid, 'SIGKILL');
    },
    close: async () => {
      await kafka.kill();
      await rm(dataDir, { recursive: true, force: true });
    },
  };
}

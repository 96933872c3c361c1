import { describe, expect, it } from '@jest/globals';
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

const fixture = join(import.meta.dirname, '../fixtures/service.mjs');
const canary = 'c4n4ry-password';
const good = {
  NETWORK: 'local',
  LOCAL_CONTRACT_ADDRESS: '0x0000000000000000000000000000000000c0ffee',
  KAFKA_BROKERS: 'nowhere:9092',
  MANAGEMENT_PORT: '0',
  NODE_ENV: 'production',
  CANARY: canary,
};

interface Ended {
  readonly code: number | null;
  readonly messages: readonly string[];
  readonly text: string;
}

/** Runs the fixture to its end, with a signal once it has written the given message. */
async function run(
  environment: Readonly<Record<string, string>>,
  terminate?: { readonly at: string; readonly signal?: 'SIGTERM' | 'SIGINT' },
): Promise<Ended> {
  const child = spawn(process.execPath, [fixture], {
    env: { ...good, ...environment },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const exited = new Promise<number | null>((resolve) => child.once('exit', resolve));
  const lines: string[] = [];
  for await (const line of createInterface({ input: child.stdout })) {
    lines.push(line);
    if (messageOf(line) === terminate?.at) child.kill(terminate.signal ?? 'SIGTERM');
  }
  return { code: await exited, messages: lines.map(messageOf), text: lines.join('\n') };
}

function messageOf(line: string): string {
  const parsed: unknown = JSON.parse(line);
  return typeof parsed === 'object' && parsed !== null && 'msg' in parsed ? String(parsed.msg) : '';
}

const atReady = { at: 'ready' };

describe('a service', () => {
  it.each(['SIGTERM', 'SIGINT'] as const)('stops its parts and exits with 0 on %s', async (signal) => {
    const { code, messages } = await run({}, { at: 'ready', signal });
    expect(messages).toEqual(['ready', 'stopping', 'part stopped', 'stopped']);
    expect(code).toBe(0);
  });

  it.each(['starts-slowly', 'starts-slowly-and-gives-up'])(
    'exits with 0 on SIGTERM while it starts: %s',
    async (behaviour) => {
      const { code, messages } = await run({ BEHAVIOUR: behaviour }, { at: 'starting' });
      expect(messages).toEqual(['starting', 'stopping', 'stopped']);
      expect(code).toBe(0);
    },
  );

  it.each([
    ['fails', 'a part is broken'],
    ['rejects', 'nobody waits for this'],
    ['throws', 'thrown from nowhere'],
  ])('stops its parts and exits with 1 when something in it %s', async (behaviour, reason) => {
    const { code, messages, text } = await run({ BEHAVIOUR: behaviour });
    expect(messages).toEqual(['ready', 'service failed', 'part stopped', 'stopped']);
    expect(text).toContain(reason);
    expect(code).toBe(1);
  });

  it('exits with 1 when it cannot start, and masks secrets in the reason', async () => {
    const { code, messages, text } = await run({ BEHAVIOUR: 'cannot-start' });
    expect(messages).toEqual(['service failed', 'stopped']);
    expect(text).toContain('no way in at [secret]');
    expect(text).not.toContain(canary);
    expect(code).toBe(1);
  });

  it('exits with 1 when it does not stop within the grace time', async () => {
    const environment = { BEHAVIOUR: 'never-stops', SHUTDOWN_GRACE_SECONDS: '0.2' };
    const { code, messages } = await run(environment, atReady);
    expect(messages).toContain('stop took longer than the grace time');
    expect(code).toBe(1);
  });

  it('exits with 0 although a part cannot be closed', async () => {
    const { code, messages } = await run({ BEHAVIOUR: 'stops-badly' }, atReady);
    expect(messages).toEqual(['ready', 'stopping', 'part stopped', 'stop failed', 'stopped']);
    expect(code).toBe(0);
  });

  it('exits with 1 before anything is started when its configuration is invalid, in one line', async () => {
    const { code, messages, text } = await run({ LOCAL_CHAIN_ID: '1', KAFKA_BROKERS: canary });
    expect(messages).toEqual(['configuration is invalid']);
    expect(text).toContain('LOCAL_CHAIN_ID: must be 31337 for this network');
    expect(text).not.toContain(canary);
    expect(code).toBe(1);
  });
});

import { setTimeout as sleep } from 'node:timers/promises';

export interface Waiting {
  readonly say: (line: string) => void;
  readonly ending: AbortSignal;
}

const pollMs = 200;
const sayEveryPolls = 50;

/** Waits until the address answers 200; says why it does not every 10 s. No limit: a first sync takes its time. */
export async function untilAnswers(url: string, { say, ending }: Waiting): Promise<void> {
  for (let poll = 1; !ending.aborted; poll++) {
    const reason = await whyNot(url);
    if (reason === undefined) return;
    if (poll % sayEveryPolls === 0) say(`waiting for the first answer: ${reason}`);
    await sleep(pollMs, undefined, { signal: ending }).catch(() => undefined);
  }
}

async function whyNot(url: string): Promise<string | undefined> {
  try {
    const response = await fetch(url, { signal: AbortSignal.timeout(2000) });
    return response.status === 200 ? undefined : reasonsIn(await response.text());
  } catch {
    return 'the service is starting';
  }
}

function reasonsIn(text: string): string {
  const reasons = /"reasons":\[([^\]]*)\]/.exec(text)?.[1];
  return reasons === undefined || reasons === '' ? 'not ready' : reasons.replaceAll('"', '');
}

import type { Ask, Faults, ProxiedCall } from './fault-proxy-faults.js';
import { seededRandom, shuffled } from './fault-proxy-random.js';
import { isRecord, parseJson, recordsIn, type ProxiedRequest } from './fault-proxy-request.js';

/** Sends a JSON-RPC text to the node and gives the text of its answer. */
export type Forward = (text: string) => Promise<string>;

type Answer = Readonly<Record<string, unknown>>;

/** The body with which the request is answered: the node's, tampered with. */
export async function answerTo(request: ProxiedRequest, faults: Faults, forward: Forward): Promise<string> {
  const text = await forward(request.text);
  // What nothing is done to is not parsed: a benchmark pays for the way only.
  if (!tampers(faults)) return text;
  const ask = askingThrough(forward);
  const answers = await Promise.all(
    recordsIn(parseJson(text)).map(async (answer) => {
      const call = request.calls.get(answer['id']);
      return call === undefined || faults.only?.(call) === false ? answer : tampered(answer, { call, faults, ask });
    }),
  );
  return JSON.stringify(request.batch ? disordered(answers, faults) : answers[0]);
}

function tampers({ answer, wrongId, shuffleBatch, dropFromBatch }: Faults): boolean {
  return [answer, wrongId, shuffleBatch, dropFromBatch].some((fault) => fault !== undefined);
}

function askingThrough(forward: Forward): Ask {
  return async (method, params) => {
    const text = await forward(JSON.stringify({ jsonrpc: '2.0', id: 'fault-proxy', method, params }));
    return outcomeOf(recordsIn(parseJson(text))[0] ?? {});
  };
}

interface Tampered {
  readonly call: ProxiedCall;
  readonly faults: Faults;
  readonly ask: Ask;
}

async function tampered(answer: Answer, { call, faults, ask }: Tampered): Promise<Answer> {
  let outcome = outcomeOf(answer);
  for (const tamper of [faults.answer ?? []].flat()) outcome = await tamper(call, outcome, ask);
  const id = faults.wrongId === true ? otherId(answer['id']) : answer['id'];
  return { jsonrpc: '2.0', id, ...(isError(outcome) ? outcome : { result: outcome }) };
}

function outcomeOf({ result, error }: Answer): unknown {
  return error === undefined || error === null ? result : { error };
}

function isError(outcome: unknown): outcome is Answer {
  return isRecord(outcome) && 'error' in outcome && Object.keys(outcome).length === 1;
}

function otherId(id: unknown): unknown {
  return typeof id === 'number' ? id + 1_000_000 : `${String(id)}-other`;
}

function disordered(answers: readonly Answer[], { shuffleBatch, dropFromBatch }: Faults): readonly Answer[] {
  const kept = dropFromBatch === undefined ? answers : answers.filter((_, index) => (index + 1) % dropFromBatch !== 0);
  return shuffleBatch === undefined ? kept : shuffled(kept, seededRandom(shuffleBatch.seed));
}

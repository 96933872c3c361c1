import { z } from 'zod';

/** Where a dead record stands on its topic. */
export interface LetterPlace {
  readonly topic: string;
  readonly partition: number;
  readonly offset: number;
}

const number = z
  .string()
  .regex(/^(0|[1-9][0-9]{0,15})$/)
  .transform(Number)
  .pipe(z.int());

/** `topic/partition/offset`, as the list shows it. */
export function placeText({ topic, partition, offset }: LetterPlace): string {
  return `${topic}/${partition}/${offset}`;
}

/** Null where the text is no such place. */
export function parsePlace(text: string): LetterPlace | null {
  const [topic, partition, offset, ...more] = text.split('/');
  const place = z.tuple([z.string().regex(/^[a-zA-Z0-9._-]{1,249}$/), number, number]);
  const parsed = place.safeParse([topic, partition, offset]);
  if (!parsed.success || more.length > 0) return null;
  return { topic: parsed.data[0], partition: parsed.data[1], offset: parsed.data[2] };
}

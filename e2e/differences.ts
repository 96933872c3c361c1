export interface Difference<E, A> {
  readonly key: string;
  readonly expected: E | null;
  readonly actual: A | null;
}

/** Every key on which the two do not agree; the expected ones first. */
export function differences<E, A>(
  expected: ReadonlyMap<string, E>,
  actual: ReadonlyMap<string, A>,
  isSame: (expected: E, actual: A) => boolean = sameJson,
): readonly Difference<E, A>[] {
  const keys = [...new Set([...expected.keys(), ...actual.keys()])];
  return keys
    .map((key) => ({ key, expected: expected.get(key) ?? null, actual: actual.get(key) ?? null }))
    .filter(({ expected: one, actual: other }) => one === null || other === null || !isSame(one, other));
}

function sameJson(one: unknown, other: unknown): boolean {
  return JSON.stringify(one) === JSON.stringify(other);
}

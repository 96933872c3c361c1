/** Reads ahead: up to `depth` tasks are under way at once, their results come in order. */
export async function* prefetch<I, O>(
  items: Iterable<I>,
  depth: number,
  task: (item: I) => Promise<O>,
): AsyncGenerator<O> {
  const underWay: Promise<O>[] = [];
  const source = items[Symbol.iterator]();
  const start = (): void => {
    const next = source.next();
    if (next.done === true) return;
    const running = task(next.value);
    // A failure is thrown when its turn comes; until then it must not count as unhandled.
    running.catch(() => undefined);
    underWay.push(running);
  };
  while (underWay.length < depth) {
    const before = underWay.length;
    start();
    if (underWay.length === before) break;
  }
  for (let first = underWay.shift(); first !== undefined; first = underWay.shift()) {
    const result = await first;
    start();
    yield result;
  }
}

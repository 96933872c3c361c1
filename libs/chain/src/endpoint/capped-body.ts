/** The body is larger than the cap. */
export class TooLarge extends Error {
  override readonly name = 'TooLarge';
}

/** The body as text. Throws {@link TooLarge} as soon as it turns out to be; the rest is not read. */
export async function collectCapped(body: AsyncIterable<Uint8Array>, maxBytes: number): Promise<string> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of body) {
    size += chunk.byteLength;
    if (size > maxBytes) throw new TooLarge();
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}

/**
 * The partition of a record key, as Kafka's default partitioner places it: murmur2, made positive, modulo the count.
 * @param partitionCount a positive whole number, fixed for the life of the topic
 */
export function partitionOf(key: Uint8Array, partitionCount: number): number {
  return (murmur2(key) & 0x7fffffff) % partitionCount;
}

const seed = 0x9747b28c;
const multiplier = 0x5bd1e995;

/** Kafka's murmur2 (org.apache.kafka.common.utils.Utils), as a signed 32-bit number. */
export function murmur2(bytes: Uint8Array): number {
  let hash = seed ^ bytes.length;
  const tail = bytes.length & ~3;
  for (let at = 0; at < tail; at += 4) hash = Math.imul(hash, multiplier) ^ mix(wordAt(bytes, at));
  hash = mixTail(hash, bytes, tail);
  hash = Math.imul(hash ^ (hash >>> 13), multiplier);
  return hash ^ (hash >>> 15);
}

function mix(word: number): number {
  const mixed = Math.imul(word, multiplier);
  return Math.imul(mixed ^ (mixed >>> 24), multiplier);
}

function mixTail(hash: number, bytes: Uint8Array, tail: number): number {
  const left = bytes.length - tail;
  if (left === 0) return hash;
  return Math.imul(hash ^ wordAt(bytes, tail), multiplier);
}

/** Little-endian; bytes past the end count as zero, which is what Kafka's fall-through switch amounts to. */
function wordAt(bytes: Uint8Array, at: number): number {
  return (
    byteAt(bytes, at) | (byteAt(bytes, at + 1) << 8) | (byteAt(bytes, at + 2) << 16) | (byteAt(bytes, at + 3) << 24)
  );
}

function byteAt(bytes: Uint8Array, at: number): number {
  return bytes[at] ?? 0;
}

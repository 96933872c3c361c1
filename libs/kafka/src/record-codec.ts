import { gunzipSync, zstdDecompressSync } from 'node:zlib';
import lz4 from 'lz4-napi';
import snappy from 'snappy';

type Decompress = (data: Buffer) => Buffer;

/** By the codec number in a batch's attributes. */
const codecs: Readonly<Record<number, Decompress>> = {
  0: (data) => data,
  1: (data) => gunzipSync(data),
  2: decompressSnappy,
  3: (data) => lz4.decompressFrameSync(data),
  4: (data) => zstdDecompressSync(data),
};

/** The records of a batch as they were before the producer compressed them, whichever client that was. */
export function decompressRecords(codec: number, data: Buffer): Buffer {
  const decompress = codecs[codec];
  if (decompress === undefined) throw new Error(`unknown compression codec ${codec} in a record batch`);
  return decompress(data);
}

const xerialMagic = Buffer.from([0x82, 0x53, 0x4e, 0x41, 0x50, 0x50, 0x59, 0x00]);
const xerialHeaderBytes = 16;

/** Java's client frames snappy as xerial does (header, then length-prefixed blocks); librdkafka writes one bare block. */
function decompressSnappy(data: Buffer): Buffer {
  if (!data.subarray(0, xerialMagic.length).equals(xerialMagic)) return snappyBlock(data);
  const blocks: Buffer[] = [];
  for (let at = xerialHeaderBytes; at < data.length;) {
    const from = at + 4;
    at = from + data.readInt32BE(at);
    blocks.push(snappyBlock(data.subarray(from, at)));
  }
  return Buffer.concat(blocks);
}

function snappyBlock(block: Buffer): Buffer {
  return Buffer.from(snappy.uncompressSync(block, { asBuffer: true }));
}

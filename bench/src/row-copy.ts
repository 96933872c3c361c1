import { createReadStream, createWriteStream } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { blockTime, partitionOf, revocationKey, revocationPartitions, type RevocationLog } from '@hybrid-sync/domain';
import pg from 'pg';
import { from } from 'pg-copy-streams';
import { revocationColumns } from './bare-table.js';

/** The rows as a file in the text format of COPY. */
export interface RowFile {
  /** Copies all of it over a connection of its own into a table of these columns; gives the milliseconds. */
  copyInto(databaseUrl: string, table: string): Promise<number>;
  close(): Promise<void>;
}

export async function writeRowFile(revocations: Iterable<RevocationLog>): Promise<RowFile> {
  const directory = await mkdtemp(join(tmpdir(), 'hybrid-sync-bench-'));
  const file = join(directory, 'rows');
  await pipeline(Readable.from(chunksOf(revocations)), createWriteStream(file));
  return {
    copyInto: async (databaseUrl, table) => {
      const client = new pg.Client({ connectionString: databaseUrl });
      await client.connect();
      const begin = performance.now();
      const copy = client.query(from(`copy ${table} (${revocationColumns.join(', ')}) from stdin`));
      await pipeline(createReadStream(file, { highWaterMark: 256 * 1024 }), copy);
      const milliseconds = performance.now() - begin;
      await client.end();
      return milliseconds;
    },
    close: () => rm(directory, { recursive: true, force: true }),
  };
}

/** Of a row, in the order of the columns. */
export function rowOf(log: RevocationLog): readonly (string | number)[] {
  return [
    log.blockNumber,
    blockTime(log.blockTimestamp),
    log.logIndex,
    partitionOf(Buffer.from(revocationKey(log)), revocationPartitions),
    'b',
    log.lockId.toString(),
    bytes(log.signatureHash),
    bytes(log.transactionHash),
    bytes(log.blockHash),
    bytes(log.owner),
  ];
}

const rowsPerChunk = 1_000;

function* chunksOf(revocations: Iterable<RevocationLog>): Generator<string> {
  let lines: string[] = [];
  for (const log of revocations) {
    lines.push(`${rowOf(log).join('\t').replaceAll('\\', '\\\\')}\n`);
    if (lines.length < rowsPerChunk) continue;
    yield lines.join('');
    lines = [];
  }
  yield lines.join('');
}

/** As text: hex behind `\x`. */
function bytes(hex: string): string {
  return `\\x${hex.slice(2)}`;
}

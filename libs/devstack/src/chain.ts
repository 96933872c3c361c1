import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { anvilBinary } from './anvil-binary.js';
import { freePort } from './free-port.js';
import { rpcCall } from './rpc-call.js';
import { untilReady } from './readiness.js';
import { type Exit, supervise } from './supervised.js';

export interface ChainOptions {
  /** Keeps the chain and the port over restarts. Without it the chain is forgotten when it stops. */
  readonly dataDir?: string;
  /** That of the last run when it is free, else this one, else any. */
  readonly port?: number;
  /** Mines on this beat; without it every transaction mines a block of its own. */
  readonly blockTimeSeconds?: number;
  /** The finalized block is two epochs behind the head. Default 32 (head - 64). */
  readonly slotsInAnEpoch?: number;
  /** So many are kept, in memory. Anvil 1.7.1 keeps them on disk, and a reorg at block 1000 may lose the contract. */
  readonly pastStates?: number;
  /** Default 31337. */
  readonly chainId?: number;
  /** Of the first block, in seconds since the epoch. Default now. */
  readonly genesisTime?: number;
}

export interface Chain {
  /** Answers JSON-RPC over HTTP; the same address with `ws:` over WebSocket. */
  readonly url: string;
  readonly pid: number;
  /** Resolves when the node has ended, for whatever reason. */
  readonly exited: Promise<Exit>;
  stop(): Promise<void>;
  kill(): Promise<void>;
}

/** A local chain (anvil) with funded, unlocked accounts; resolves when it answers. */
export async function startChain(options: ChainOptions = {}): Promise<Chain> {
  const keeps = options.dataDir !== undefined;
  const directory = keeps ? resolve(options.dataDir) : await mkdtemp(join(tmpdir(), 'hybrid-sync-chain-'));
  await mkdir(directory, { recursive: true });
  const port = await freePort(await lastPort(directory), options.port);
  const url = `http://127.0.0.1:${port}`;
  const logFile = join(directory, 'anvil.log');
  const args = [...argumentsFor(options, port), ...(keeps ? await stateArguments(directory) : [])];
  const process = supervise({ program: anvilBinary(), args, logFile });
  const probe = async (): Promise<boolean> => typeof (await rpcCall(url, 'eth_chainId')) === 'string';
  await untilReady({ name: 'anvil', process, logFile, probe });
  await writeFile(join(directory, 'port'), String(port));
  const forget = async (): Promise<void> => {
    if (!keeps) await rm(directory, { recursive: true, force: true });
  };
  return {
    url,
    pid: process.pid,
    exited: process.exited,
    stop: async () => {
      await process.stop();
      await forget();
    },
    kill: async () => {
      await process.kill();
      await forget();
    },
  };
}

async function lastPort(directory: string): Promise<number | undefined> {
  const port = Number(await readFile(join(directory, 'port'), 'utf8').catch(() => ''));
  return port > 0 ? port : undefined;
}

function argumentsFor(
  { blockTimeSeconds, slotsInAnEpoch, pastStates, chainId, genesisTime }: ChainOptions,
  port: number,
): string[] {
  const wanted = {
    '--host': '127.0.0.1',
    '--port': port,
    '--block-time': blockTimeSeconds,
    '--slots-in-an-epoch': slotsInAnEpoch,
    '--prune-history': pastStates,
    '--chain-id': chainId ?? 31_337,
    '--timestamp': genesisTime,
  };
  return Object.entries(wanted).flatMap(([flag, value]) => (value === undefined ? [] : [flag, String(value)]));
}

/** Written every two seconds and on a clean stop: a kill loses at most the blocks of the last two seconds. */
async function stateArguments(directory: string): Promise<string[]> {
  const file = join(directory, 'state.json');
  await requireReadable(file);
  return ['--state', file, '--state-interval', '2'];
}

/** A kill in the middle of a write leaves half a file, about which anvil's own message is no help. */
async function requireReadable(file: string): Promise<void> {
  const text = await readFile(file, 'utf8').catch(() => '{}');
  try {
    JSON.parse(text);
  } catch (error) {
    throw new Error(`The chain's state is damaged: delete ${file} to begin a new chain.`, { cause: error });
  }
}

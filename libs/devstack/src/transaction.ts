import { setTimeout as sleep } from 'node:timers/promises';
import { rpcCall } from './rpc-call.js';

export interface TransactionRequest {
  /** An account that the node signs for. */
  readonly from: string;
  readonly to?: string;
  readonly data: string;
}

export interface MinedLog {
  readonly address: string;
  readonly topics: readonly string[];
  readonly data: string;
}

export interface Mined {
  readonly transactionHash: string;
  readonly blockNumber: number;
  readonly logs: readonly MinedLog[];
}

/** One at a time per account: the node gives two that arrive together the same nonce. */
const sending = new Map<string, Promise<unknown>>();

/** Sends and waits until it is mined. The estimate rejects with the contract's own error when it would revert. */
export async function sendTransaction(rpcUrl: string, request: TransactionRequest): Promise<Mined> {
  const account = `${rpcUrl} ${request.from}`;
  const sent = (sending.get(account) ?? Promise.resolve()).then(() => send(rpcUrl, request));
  sending.set(
    account,
    sent.catch(() => undefined),
  );
  return mined(rpcUrl, await sent);
}

async function send(rpcUrl: string, request: TransactionRequest): Promise<string> {
  const estimate = BigInt(String(await rpcCall(rpcUrl, 'eth_estimateGas', [request])));
  const gas = `0x${((estimate * 5n) / 4n).toString(16)}`;
  return String(await rpcCall(rpcUrl, 'eth_sendTransaction', [{ ...request, gas }]));
}

async function mined(rpcUrl: string, transactionHash: string): Promise<Mined> {
  const deadline = Date.now() + 30_000;
  while (Date.now() < deadline) {
    const receipt = await rpcCall(rpcUrl, 'eth_getTransactionReceipt', [transactionHash]);
    if (isReceipt(receipt)) return minedOf(transactionHash, receipt);
    await sleep(25);
  }
  throw new Error(`transaction ${transactionHash} is not mined after 30 s`);
}

interface Receipt {
  readonly status: string;
  readonly blockNumber: string;
  readonly logs: readonly MinedLog[];
}

function isReceipt(value: unknown): value is Receipt {
  return typeof value === 'object' && value !== null && 'status' in value && 'blockNumber' in value;
}

function minedOf(transactionHash: string, { status, blockNumber, logs }: Receipt): Mined {
  if (status !== '0x1') throw new Error(`transaction ${transactionHash} reverted`);
  return { transactionHash, blockNumber: Number(blockNumber), logs };
}

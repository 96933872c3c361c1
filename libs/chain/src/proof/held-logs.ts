import { blockCount, type BlockRange } from '@hybrid-sync/domain';
import { RpcError } from '../endpoint/rpc-error.js';
import type { StampedLog } from '../reading/wire.js';

/** Of one range; as objects they take some ten megabytes. */
const mostLogs = 10_000;

/** To be called with the logs of a range as they come: throws `too-large` once a smaller range should be read. */
export function holdingLogs(range: BlockRange): (logs: readonly StampedLog[]) => void {
  let held = 0;
  return (logs) => {
    held += logs.length;
    if (held > mostLogs && blockCount(range) > 1)
      throw new RpcError('too-large', 'eth_getLogs', 'the range holds more logs than are held at once');
  };
}

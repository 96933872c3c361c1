import { connect } from 'node:net';

const metadata = { key: 3, version: 4 };

/** Asks one broker for the cluster's metadata and gives the number of brokers it knows. */
export function brokerCount(port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    const socket = connect({ host: '127.0.0.1', port, timeout: 1000 });
    const chunks: Buffer[] = [];
    socket.on('connect', () => socket.write(metadataRequest()));
    socket.on('data', (chunk) => {
      chunks.push(chunk);
      const count = countIn(Buffer.concat(chunks));
      if (count === undefined) return;
      resolve(count);
      socket.destroy();
    });
    socket.on('timeout', () => socket.destroy());
    socket.on('error', reject);
    socket.on('close', () => {
      reject(new Error('the broker closed the connection'));
    });
  });
}

/** Length, then header v1 (api key, version, correlation id, null client id), then no topics, no auto creation. */
function metadataRequest(): Buffer {
  const request = Buffer.alloc(4 + 10 + 4 + 1);
  request.writeInt32BE(request.length - 4, 0);
  request.writeInt16BE(metadata.key, 4);
  request.writeInt16BE(metadata.version, 6);
  request.writeInt32BE(1, 8);
  request.writeInt16BE(-1, 12);
  return request;
}

/** Length, correlation id, throttle time, then the array of brokers. */
function countIn(response: Buffer): number | undefined {
  return response.length < 16 ? undefined : response.readInt32BE(12);
}

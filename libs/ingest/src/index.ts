export { DoubtfulScanError } from './failure-kind.js';
export { advanceTo, baseBlock, type FollowedBlock } from './followed-block.js';
export { openIngester, type Ingester } from './ingester.js';
export { type IngesterConfig } from './ingester-config.js';
export { ingesterSecrets } from './ingester-secrets.js';
export { LeaseLostError } from './lease.js';
export { type Tip } from './reconciler.js';
export { scannedBlocks } from './scanned-blocks.js';
export { type Confirmation } from './verdict.js';

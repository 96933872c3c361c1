/** The head moved to another branch while it was read: what was read above the finalized block is not used. */
export class HeadMovedError extends Error {
  override readonly name = 'HeadMovedError';
}

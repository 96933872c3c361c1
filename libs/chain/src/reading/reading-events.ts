/** What is found out about answers, for whoever measures. */
export type ReadingEvent =
  /** The logs of a block, held against its receipts; `none`: no endpoint gives receipts. */
  | { readonly kind: 'proof'; readonly outcome: 'receipts' | 'none' }
  /** Receipts that are not those that the header commits to. */
  | { readonly kind: 'proof'; readonly outcome: 'mismatch'; readonly endpoint: string }
  /** The hash of a block does not follow from the fields of its header; `unchecked`: it may follow from more fields. */
  | { readonly kind: 'header'; readonly outcome: 'forged' | 'unchecked'; readonly endpoint: string }
  /** Two endpoints give different logs for a block: `receipts` told who is right, or the logs of both were taken. */
  | { readonly kind: 'disagreement'; readonly outcome: 'receipts' | 'union' }
  /** Two endpoints show different final blocks of one number. */
  | { readonly kind: 'disagreement'; readonly outcome: 'branch' }
  /** No second endpoint could be asked for a range. */
  | { readonly kind: 'single-opinion' }
  /** A header's bloom filter allows the event, and no log came. */
  | { readonly kind: 'suspicious-empty' }
  /** An answer was not believed. */
  | { readonly kind: 'disbelieved'; readonly endpoint: string; readonly method: string };

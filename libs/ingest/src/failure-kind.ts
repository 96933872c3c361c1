import { RpcError } from '@hybrid-sync/chain';

const ofKafka = /^(KafkaJS|PublishAbandoned|RecordsRefused|RecordTooLarge)/;

/** Why a step failed, in as few words as a metric's label may have. */
export function failureKind(error: unknown): string {
  if (error instanceof RpcError) return error.kind;
  if (error instanceof DoubtfulScanError) return 'doubtful';
  return error instanceof Error && ofKafka.test(error.name) ? 'kafka' : 'other';
}

/** The contract says that signatures are revoked whose logs were not found: nothing of the scan is written. */
export class DoubtfulScanError extends Error {
  override readonly name = 'DoubtfulScanError';

  constructor(revocations: number) {
    super(`the contract says that ${revocations} signatures are revoked whose logs were not found`);
  }
}

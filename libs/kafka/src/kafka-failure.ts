import kafkajs from 'kafkajs';
import { OffsetOutOfRangeError } from './offset-errors.js';

/** Not retriable by the driver's own flag, yet only a broker that is away for a moment. */
const passing: readonly string[] = [
  'KafkaJSGroupCoordinatorNotFound',
  'KafkaJSBrokerNotFound',
  'KafkaJSConnectionError',
  'KafkaJSConnectionClosedError',
  'KafkaJSRequestTimeoutError',
  'KafkaJSNumberOfRetriesExceeded',
  'KafkaJSLockTimeout',
  'KafkaJSTimeout',
  'KafkaJSNoBrokerAvailableError',
];

/** What a group says to a member that it has given up: joining again is the answer. */
const evictions: readonly string[] = [
  'UNKNOWN_MEMBER_ID',
  'ILLEGAL_GENERATION',
  'REBALANCE_IN_PROGRESS',
  'NOT_COORDINATOR_FOR_GROUP',
];

/** May the same thing succeed later, with nobody changing the program or its configuration? */
export function mayPass(error: unknown): boolean {
  const root = rootOf(error);
  if (root instanceof OffsetOutOfRangeError) return true;
  if (!(root instanceof kafkajs.KafkaJSError)) return false;
  return root.retriable || passing.includes(root.name) || isEviction(root);
}

/** The assignment that the member held is over. */
export function isEviction(error: unknown): boolean {
  return evictions.includes(failureName(error));
}

/** The broker's name for the error, such as MESSAGE_TOO_LARGE, or the driver's. */
export function failureName(error: unknown): string {
  const root = rootOf(error);
  if (root instanceof kafkajs.KafkaJSProtocolError) return root.type;
  return root instanceof Error ? root.name : String(root);
}

/** The driver wraps an error once for every retry loop it went through. */
export function rootOf(error: unknown): unknown {
  return error instanceof Error && error.cause instanceof Error ? rootOf(error.cause) : error;
}

export function toError(thrown: unknown): Error {
  return thrown instanceof Error ? thrown : new Error(String(thrown));
}

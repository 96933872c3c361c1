import kafkajs, { type LogEntry } from 'kafkajs';

/** Narrow structural logger: pino fits it. */
export interface KafkaLog {
  debug(fields: object, message: string): void;
  info(fields: object, message: string): void;
  warn(fields: object, message: string): void;
  error(fields: object, message: string): void;
}

const quietMs = 10_000;
const remembered = 100;

/**
 * The driver's own lines, in our log. It repeats itself at every attempt, while this package logs each failure once where it
 * is retried or given up: so the driver's errors are warnings, one per text in 10 s, and all else is debug. So are answers of
 * a broker that refuses: a topic that has no leader yet, a coordinator that is loading.
 */
export function driverLog(log: KafkaLog, now: () => number = Date.now): (entry: LogEntry) => void {
  const lastSaid = new Map<string, number>();
  return ({ level, namespace, log: line }) => {
    const fields = { driver: namespace, ...safeFields(line) };
    if (
      level !== kafkajs.logLevel.ERROR ||
      line.message.startsWith('Response ') ||
      saidLately(lastSaid, line.message, now())
    ) {
      log.debug(fields, line.message);
      return;
    }
    log.warn(fields, line.message);
  };
}

function saidLately(lastSaid: Map<string, number>, text: string, now: number): boolean {
  const last = lastSaid.get(text);
  if (last !== undefined && now - last < quietMs) return true;
  if (lastSaid.size >= remembered) lastSaid.clear();
  lastSaid.set(text, now);
  return false;
}

const loggable = ['broker', 'groupId', 'memberId', 'topic', 'partition', 'offset', 'error', 'retryCount', 'retryTime'];

/** By name: whatever else the driver adds (payloads, options) never reaches the log. */
function safeFields(line: object): Record<string, unknown> {
  return Object.fromEntries(Object.entries(line).filter(([name]) => loggable.includes(name)));
}

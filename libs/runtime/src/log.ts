import { pino, type Logger, type LoggerOptions } from 'pino';

export type Log = Logger;

export interface LogOptions {
  readonly service: string;
  readonly level: string;
  /** Values that must never be written: they are masked wherever they turn up in a line. */
  readonly secrets: readonly string[];
}

/** JSON lines on standard output. */
export function createLog({ service, level, secrets }: LogOptions): Log {
  // The longest first: of a secret inside another one nothing must be left over.
  const masked = secrets
    .filter((secret) => secret.length > 3)
    .sort((one, other) => other.length - one.length)
    .map((secret) => JSON.stringify(secret).slice(1, -1));
  const options: LoggerOptions = {
    level,
    base: { service },
    timestamp: pino.stdTimeFunctions.isoTime,
    formatters: { level: (label) => ({ level: label }) },
    serializers: { error: pino.stdSerializers.err },
    hooks: { streamWrite: (line) => masked.reduce((text, secret) => text.replaceAll(secret, '[secret]'), line) },
  };
  // Written at once: a line on its way when the process exits, such as why it failed, would be lost or out of order.
  return pino(options, pino.destination({ fd: process.stdout.fd, sync: true }));
}

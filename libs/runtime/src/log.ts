import { pino, type Logger } from 'pino';

export type Log = Logger;

export interface LogOptions {
  readonly service: string;
  readonly level: string;
  /** Values that must never be written: they are masked wherever they turn up in a line. */
  readonly secrets: readonly string[];
}

/** JSON lines on standard output. */
export function createLog({ service, level, secrets }: LogOptions): Log {
  const masked = secrets.filter((secret) => secret.length > 3).map((secret) => JSON.stringify(secret).slice(1, -1));
  return pino({
    level,
    base: { service },
    timestamp: pino.stdTimeFunctions.isoTime,
    formatters: { level: (label) => ({ level: label }) },
    serializers: { error: pino.stdSerializers.err },
    hooks: { streamWrite: (line) => masked.reduce((text, secret) => text.replaceAll(secret, '[secret]'), line) },
  });
}

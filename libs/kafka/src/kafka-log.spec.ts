import { describe, expect, it } from '@jest/globals';
import kafkajs, { type LogEntry } from 'kafkajs';
import { driverLog } from './kafka-log.js';
import { type LoggedLine, recordingLog } from './testing/connections.js';

function entry(level: kafkajs.logLevel, message: string, extra: object = {}): LogEntry {
  return {
    namespace: 'Connection',
    level,
    label: 'ERROR',
    log: { timestamp: '', logger: 'kafkajs', message, ...extra },
  };
}

describe('the log of the driver', () => {
  it('says an error once in ten seconds as a warning, and the rest for debugging', () => {
    const lines: LoggedLine[] = [];
    let now = 0;
    const say = driverLog(recordingLog(lines), () => now);
    for (now = 0; now <= 20_000; now += 1_000) say(entry(kafkajs.logLevel.ERROR, 'Connection error'));
    say(entry(kafkajs.logLevel.WARN, 'The group is rebalancing, re-joining'));
    expect(lines.filter(({ level }) => level === 'warn')).toHaveLength(3);
    expect(lines.filter(({ level }) => level === 'debug')).toHaveLength(19);
  });

  it('leaves the refusals of a broker to whoever retries', () => {
    const lines: LoggedLine[] = [];
    driverLog(recordingLog(lines))(entry(kafkajs.logLevel.ERROR, 'Response Metadata(key: 3, version: 6)'));
    expect(lines.map(({ level }) => level)).toEqual(['debug']);
  });

  it('passes on known fields only', () => {
    const lines: LoggedLine[] = [];
    const secret = { sasl: { password: 'canary' }, payload: 'canary', broker: '127.0.0.1:9092' };
    driverLog(recordingLog(lines))(entry(kafkajs.logLevel.ERROR, 'Connection error', secret));
    expect(lines).toEqual([
      { level: 'warn', fields: { driver: 'Connection', broker: '127.0.0.1:9092' }, message: 'Connection error' },
    ]);
  });
});

import { type DestinationStream, type Logger, pino } from 'pino';

export type Log = Logger;

const CENSORED = ['authorization', 'password', 'licenseKey', 'tunnelSecret', 'token', 'apiToken', 'env'];

/**
 * A process's log: JSON lines with a constant message and fields (CONVENTIONS §8). Fields that can hold secrets are censored
 * one and two levels deep, besides `Secret`, which prints `[redacted]` anyway.
 */
export function makeLog(service: string, level = 'info', destination?: DestinationStream): Log {
  const options = {
    level,
    base: { service },
    redact: { paths: CENSORED.flatMap((name) => [name, `*.${name}`, `*.*.${name}`]), censor: '[redacted]' },
    timestamp: pino.stdTimeFunctions.isoTime,
    formatters: { level: (label: string) => ({ level: label }) },
  };
  return destination ? pino(options, destination) : pino(options);
}

/** Says nothing; for tools that print by themselves. */
export const silentLog: Log = pino({ level: 'silent' });

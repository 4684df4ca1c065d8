/** The log: JSON lines. */
import { pino } from 'pino';
import { type Logger, type RequestLine, systemClock } from './clock-and-random.ts';
import { escapeControlsInLines } from './control-characters.ts';

export interface LogOptions {
  readonly level: string;
  /** Members of every line. */
  readonly base?: object | undefined;
}

/**
 * Writes each line with one call of `write`. `level` is a value of the setting log_level; requests are logged at
 * `info`.
 */
export function createLog({ level, base }: LogOptions, destination: { write(line: string): void }): Logger {
  // What strangers chose may be in these: a log is read in a terminal too.
  const escaping = { write: (line: string) => destination.write(escapeControlsInLines(line)) };
  const lines = pino({ level, base: base ?? null }, escaping);
  const own = base ? `${JSON.stringify(base).slice(1, -1)},` : '';
  return {
    debug: lines.debug.bind(lines),
    info: lines.info.bind(lines),
    warn: lines.warn.bind(lines),
    error: lines.error.bind(lines),
    request: lines.isLevelEnabled('info') ? (line) => destination.write(lineOf(line, own)) : () => {},
  };
}

/**
 * As pino writes it, in a quarter of the time: there are more of these than of all others. What a client chose is in none
 * of its members but the address, which was parsed.
 */
function lineOf(line: RequestLine, own: string): string {
  const { requestId, method, route, status, durationMs, address } = line;
  return (
    `{"level":30,"time":${systemClock.nowMs()},${own}"requestId":"${requestId}","method":"${method}","route":"${route}",` +
    `"status":${status},"durationMs":${durationMs},"address":"${address}","msg":"request"}\n`
  );
}

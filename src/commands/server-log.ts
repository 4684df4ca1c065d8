/** The server's log: JSON lines on standard error. */
import { pino } from 'pino';
import type { Settings } from '../config/schema.ts';
import { createLog } from '../lib/log.ts';
import type { Logger } from '../lib/runtime.ts';

/** `logged` are members of every line. */
export function createServerLog(settings: Settings, logged: object | undefined): Logger {
  return createLog({ level: settings.log_level, base: logged }, gatherLines());
}

/**
 * The lines of one turn of the event loop leave together: the destination measures all that waits in it at each
 * write, a tenth of what a request costs. The thread that writes never holds the event loop.
 */
function gatherLines(): { write(line: string): void } {
  const destination = pino.destination({ dest: 2, sync: false });
  let lines = '';
  const pass = () => {
    if (lines !== '') destination.write(lines);
    lines = '';
  };
  process.once('exit', () => {
    pass();
    destination.flushSync();
  });
  return {
    write(line) {
      if (lines === '') setImmediate(pass);
      lines += line;
    },
  };
}

/** The server's log: JSON lines on standard error. */
import type { Settings } from '../../config/settings-schema.ts';
import { createLog, type Logger } from '../../lib/log.ts';
import { nextTurn } from '../../lib/next-event-loop-turn.ts';
import { batchPerTurn } from '../../lib/once-or-batch-per-turn.ts';
import { createLogOutput, type LogOutput } from './write-or-drop-log-lines.ts';

export interface ServerLog extends Logger {
  /** Called when the server has stopped. Exits the process where the remaining lines cannot be written. */
  end(): Promise<void>;
}

/** `logged` are additional members of every line. */
export function createServerLog(settings: Settings, logged: object | undefined): ServerLog {
  const output = createLogOutput(2, (lost) =>
    log.warn(lost, 'log lines were lost: they could not be written'),
  );
  const log = createLog({ level: settings.log_level, base: logged }, gatherLines(output));
  return {
    ...log,
    async end() {
      await nextTurn();
      if (!(await output.settled())) process.exit();
    },
  };
}

/** Writes the lines of one turn of the event loop together: one write for each line costs more than the request. */
function gatherLines(output: LogOutput): { write(line: string): void } {
  const gathered = batchPerTurn<string>((lines) => output.write(lines.join('')));
  process.once('exit', () => {
    gathered.flush();
    output.flush();
  });
  return { write: gathered.add };
}

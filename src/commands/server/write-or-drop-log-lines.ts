/**
 * Writes log lines to a file descriptor whose disk may be full, or whose reader may be slow or gone. The server
 * continues without lines that are lost.
 */
import { write, writeSync } from 'node:fs';
import { within } from '../../lib/time-limit.ts';

/** The maximum number of characters that wait for a slow reader; further lines are lost. */
const MOST_WAITING = 8 * 1024 * 1024;
const AGAIN_MS = 100;
/** After this time a write is considered stuck: no reader takes it. */
const STUCK_MS = 1000;

export interface LostLines {
  readonly lines: number;
  /** An error code of the system, or `nobody reads`. */
  readonly code: string;
}

export interface LogOutput {
  /** Writes whole lines. Lines that cannot be written are dropped; later lines are attempted again. */
  write(lines: string): void;
  /** Whether all lines were written, after at most a second. */
  settled(): Promise<boolean>;
  /** Writes the rest synchronously at the exit of the process, when no asynchronous write can finish. */
  flush(): void;
}

/** `onLost` is called when lines are written again after others were lost. */
export function createLogOutput(fd: number, onLost: (lost: LostLines) => void): LogOutput {
  let waiting = '';
  let underWay: { readonly bytes: Buffer; readonly sinceMs: number } | undefined;
  let lost = { lines: 0, code: '' };
  let isCut = false;
  let onIdle = () => {};

  function lose(lines: number, code: string): void {
    lost = { lines: lost.lines + lines, code };
  }

  function next(): void {
    if (underWay || waiting === '') {
      onIdle();
      return;
    }
    underWay = { bytes: Buffer.from(isCut ? `\n${waiting}` : waiting), sinceMs: performance.now() };
    waiting = '';
    put(underWay.bytes);
  }

  function put(bytes: Buffer): void {
    // Asynchronous, so that a reader that stops reading does not block the event loop.
    write(fd, bytes, (error, written) => {
      if (error) return failed(bytes, error.code ?? error.message);
      if (written < bytes.length) return put(bytes.subarray(written));
      done(false);
      if (lost.lines > 0) reportLost();
      next();
    });
  }

  function failed(left: Buffer, code: string): void {
    if (code === 'EAGAIN') return void setTimeout(put, AGAIN_MS, left);
    const isBegun = underWay !== undefined && left.length < underWay.bytes.length;
    lose(linesIn(left.toString('latin1')), code);
    done(isBegun);
    onIdle();
  }

  function done(cut: boolean): void {
    underWay = undefined;
    isCut = cut;
  }

  function reportLost(): void {
    const reported = lost;
    lost = { lines: 0, code: '' };
    onLost(reported);
  }

  return {
    write(lines) {
      if (waiting.length + lines.length > MOST_WAITING) lose(linesIn(lines), 'nobody reads');
      else waiting += lines;
      next();
    },
    async settled() {
      if (!underWay) return true;
      const idle = new Promise<boolean>((resolve) => {
        onIdle = () => resolve(true);
      });
      return within(STUCK_MS, idle, () => false);
    },
    flush() {
      const isStuck = underWay !== undefined && performance.now() - underWay.sinceMs > STUCK_MS;
      if (!isStuck && waiting !== '') writeOnce(fd, waiting);
      waiting = '';
    },
  };
}

/** Writes what one call takes, without retries: the process is exiting. */
function writeOnce(fd: number, text: string): void {
  try {
    writeSync(fd, text);
  } catch {
    // The failure cannot be reported any more.
  }
}

function linesIn(text: string): number {
  return text.split('\n').length - 1;
}

/** Lines for a file descriptor whose disk may be full, and whose reader may be slow or gone: the server goes on without them. */
import { write, writeSync } from 'node:fs';
import { within } from '../../lib/time-limit.ts';

/** Characters that wait for a slow reader; what is more is lost. */
const MOST_WAITING = 8 * 1024 * 1024;
const AGAIN_MS = 100;
/** A write that takes longer is one that nobody reads. */
const STUCK_MS = 1000;

export interface LostLines {
  readonly lines: number;
  /** Why, as the system or this file says it. */
  readonly code: string;
}

export interface LogOutput {
  /** Whole lines. What cannot be written is dropped; the next lines are tried again. */
  write(lines: string): void;
  /** Whether all was written, after at most a second. */
  settled(): Promise<boolean>;
  /** At the end of the process, when no thread can be waited for. */
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
    // By a thread: a reader that stops holds no event loop.
    write(fd, bytes, (error, written) => {
      if (error) return failed(bytes, error.code ?? error.message);
      if (written < bytes.length) return put(bytes.subarray(written));
      done(false);
      if (lost.lines > 0) tellLost();
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

  function tellLost(): void {
    const told = lost;
    lost = { lines: 0, code: '' };
    onLost(told);
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

/** Most of it, and nothing where it fails: the process ends. */
function writeOnce(fd: number, text: string): void {
  try {
    writeSync(fd, text);
  } catch {
    // There is nobody left to tell.
  }
}

function linesIn(text: string): number {
  return text.split('\n').length - 1;
}

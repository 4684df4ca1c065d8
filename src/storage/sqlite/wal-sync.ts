/**
 * Makes what was committed durable: nobody is answered before the flush that covers their commit. A disk that takes
 * 5 ms to flush must not hold the event loop for as long, so it flushes on another thread; where a flush is as short
 * as the way to that thread and back, it happens at once (measured: bench/README.md).
 */
import { close, fdatasync, fdatasyncSync, openSync } from 'node:fs';
import { promisify } from 'node:util';
import { StorageUnavailableError } from '../database.ts';

const flush = promisify(fdatasync);
/** As long as the last flush was shorter, the next one is not handed to another thread. */
const SHORT_MS = 0.5;
/** A disk that is full may have room again. After any other failure the kernel may have dropped what it could not write. */
const PASSING = new Set(['ENOSPC', 'EDQUOT']);

export interface LogSync {
  /** Resolves when all that was committed before the call is on the disk. Throws {@link StorageUnavailableError}. */
  durable(): Promise<void>;
  close(): void;
}

/** `file` is the write-ahead log; it is there from the first commit on. */
export function createLogSync(file: string): LogSync {
  let descriptor: number | undefined;
  let running: Promise<void> | undefined;
  let next: Promise<void> | undefined;
  let broken: string | undefined;
  let lastMs = SHORT_MS;

  async function run(): Promise<void> {
    if (broken !== undefined) throw lost(broken);
    const startMs = performance.now();
    try {
      descriptor ??= openSync(file, 'r');
      if (lastMs < SHORT_MS) fdatasyncSync(descriptor);
      else await flush(descriptor);
    } catch (error) {
      const code = (error as NodeJS.ErrnoException).code ?? 'unknown';
      if (!PASSING.has(code)) broken = code;
      throw lost(code);
    }
    lastMs = performance.now() - startMs;
  }

  function start(): Promise<void> {
    running = run().finally(() => {
      running = undefined;
    });
    return running;
  }

  return {
    durable() {
      if (!running) return start();
      // The flush under way may have begun before this commit: wait for the one after it, with all who come until then.
      next ??= running
        .catch(() => {})
        .then(() => {
          next = undefined;
          return start();
        });
      return next;
    },
    close() {
      if (descriptor !== undefined) close(descriptor);
    },
  };
}

function lost(code: string): StorageUnavailableError {
  return new StorageUnavailableError(
    `the disk did not keep a commit (${code}); look at the disk, then restart`,
  );
}

/**
 * Makes commits durable: no request is answered before the flush that covers its commit. A flush of 5 ms must not block the
 * event loop, so it runs on another thread; a flush as short as the hand-over to that thread runs synchronously (measured:
 * bench/README.md).
 */
import { close, fdatasync, fdatasyncSync, openSync } from 'node:fs';
import { promisify } from 'node:util';
import { StorageUnavailableError } from '../storage-errors.ts';

const flush = promisify(fdatasync);

/** If the last flush was shorter than this, the next one runs synchronously. */
const SHORT_MS = 0.5;

/**
 * A full disk may have space again. After any other failure the kernel may have dropped the data that it could not
 * write.
 */
const PASSING = new Set(['ENOSPC', 'EDQUOT']);

export interface LogSync {
  /** Resolves when all commits before the call are on the disk. Throws {@link StorageUnavailableError}. */
  durable(): Promise<void>;
  close(): void;
}

/** `file` is the write-ahead log, which exists from the first commit on. */
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
      // The current flush may have begun before this commit: wait for the next one, which all callers until then share.
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

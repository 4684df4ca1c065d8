/** Whether writes are kept: the disk accepts them, and the open file still has its name. */
import { accessSync, constants, statfsSync, statSync } from 'node:fs';
import type { Tx } from '../database.ts';
import { StorageUnavailableError } from '../storage-errors.ts';
import { consumeOneTime, insertOneTime } from '../tables/one-time.ts';
import type { GroupCommit } from './group-commit.ts';

export interface Writability {
  /** Remembers that a write failed. */
  watch<Result>(write: Promise<Result>): Promise<Result>;
  /**
   * After a failed write or on a nearly full disk, tries a write. Throws {@link StorageUnavailableError} if it fails
   * or the file is gone.
   */
  check(): Promise<void>;
}

/** As much as several sign-ins write: after a failed write, the log may have space left for a smaller one. */
const TRIAL_CHARACTERS = 65_536;
const TRIAL = { kind: 'doctor_mark', value_key: 'writable', grant_id: null, expires_at: 0 } as const;

async function tryToWrite(group: GroupCommit): Promise<void> {
  const remove = (tx: Tx) => consumeOneTime(tx, TRIAL.kind, TRIAL.value_key, -1);
  await group.write(async (tx) => {
    await remove(tx);
    await insertOneTime(tx, { ...TRIAL, payload: 'x'.repeat(TRIAL_CHARACTERS) });
  });
  await group.write(remove);
}

/** `file` must exist: its inode is compared later, to notice that the file was deleted or replaced. */
export function createWritability(file: string, group: GroupCommit): Writability {
  const opened = inodeOf(file);
  let hasFailed = false;
  return {
    async watch(write) {
      try {
        return await write;
      } catch (error) {
        hasFailed ||= error instanceof StorageUnavailableError;
        throw error;
      }
    },
    async check() {
      if (inodeOf(file) !== opened) throw new StorageUnavailableError(`${file} ${GONE}`);
      if (!hasFailed && looksWritable(file)) return;
      // While this reports "not ready", no request arrives that would try a write.
      await tryToWrite(group);
      hasFailed = false;
    },
  };
}

/** With this much free space the next write succeeds; with less it is tried. */
const FREE_BYTES = 1024 * 1024;

/** Asks the file system without writing, so that frequent readiness checks do not wear the disk. */
function looksWritable(file: string): boolean {
  try {
    accessSync(file, constants.W_OK);
  } catch (error) {
    // A changed owner or mode does not matter, because the file is open.
    if ((error as NodeJS.ErrnoException).code === 'EROFS') return false;
  }
  const { bavail, bsize } = statfsSync(file);
  return bavail * bsize >= FREE_BYTES;
}

const GONE =
  'was moved away or deleted under this server: what it writes is lost when it stops. Put the file back where it was ' +
  'moved from; where it was deleted, gatehouse doctor says what to do';

/** undefined if the file is missing or this user may not stat it. */
export function inodeOf(file: string): number | undefined {
  try {
    return statSync(file).ino;
  } catch {
    return undefined;
  }
}

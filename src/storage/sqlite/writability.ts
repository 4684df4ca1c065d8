/** Whether what a server writes is kept: on a disk that takes it, in the file that has the name. */
import { accessSync, constants, statfsSync, statSync } from 'node:fs';
import { StorageUnavailableError, type Tx } from '../database.ts';
import { consumeOneTime, insertOneTime } from '../tables/one-time.ts';
import type { GroupCommit } from './group-commit.ts';

export interface Writability {
  /** Remembers where a write failed. */
  watch<Result>(write: Promise<Result>): Promise<Result>;
  /** Throws {@link StorageUnavailableError} where a write fails that is tried after one that failed or on a disk that looks full, or the file is gone. */
  check(): Promise<void>;
}

/** As much as several sign-ins write: the log may have room left for less by what failed before. */
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

/** `file` must exist: it is compared later with what then has its name, to notice that it was deleted or replaced. */
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
      // Whoever is told that this is not ready sends nothing that would try it.
      await tryToWrite(group);
      hasFailed = false;
    },
  };
}

/** With so much room the next write is kept; with less it is tried. */
const ROOM_BYTES = 1024 * 1024;

/** What the file system says: whoever asks often whether the server is ready wears no disk by it. */
function looksWritable(file: string): boolean {
  try {
    accessSync(file, constants.W_OK);
  } catch (error) {
    // Whom a file belongs to by now matters to nobody who has it open.
    if ((error as NodeJS.ErrnoException).code === 'EROFS') return false;
  }
  const { bavail, bsize } = statfsSync(file);
  return bavail * bsize >= ROOM_BYTES;
}

const GONE =
  'was moved away or deleted under this server: what it writes is lost when it stops. Put the file back where it was ' +
  'moved from; where it was deleted, gatehouse doctor says what to do';

/** undefined where there is none, or it cannot be looked at. */
export function inodeOf(file: string): number | undefined {
  try {
    return statSync(file).ino;
  } catch {
    return undefined;
  }
}

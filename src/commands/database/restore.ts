import { type Stats, statSync } from 'node:fs';
import { basename } from 'node:path';
import { auditRecorder } from '../../admin-commands/audit-database-commands.ts';
import type { Settings } from '../../config/settings-schema.ts';
import { chooseMasterKey } from '../../oauth/keys/master-key-that-opens-stored-keys.ts';
import { findUnreadableKeys } from '../../oauth/keys/unreadable-keys.ts';
import type { NotCarried } from '../../storage/backup/carry-over-from-replaced-database.ts';
import { describeTemporaryFolder } from '../../storage/backup/make-temporary-folder.ts';
import { restore as restoreBackup } from '../../storage/backup/restore.ts';
import { fileOfDatabase } from '../../storage/open-database-by-url.ts';
import { asUnreadable } from '../../storage/sqlite/file-operations.ts';
import { usingDatabase } from '../../storage/using-database.ts';
import { CommandError } from '../command-error.ts';
import { explain } from '../explain-correctable-errors.ts';
import { print, say } from '../print.ts';
import { readSettings } from '../read-settings.ts';
import { backupParts } from './backup-parts-from-settings.ts';
import type { Options } from './config-and-json-options.ts';
import { explainWriting } from './explain-storage-errors.ts';
import { makeFolder } from './make-database-folder.ts';

const CARRIED_OVER = `What the database that was there says was taken away since stays so: users and clients that were
disabled or are gone are disabled (enable or delete them), secrets that ended and consents that were withdrawn are so
again, claims and e-mail addresses of users, keys and the metadata of clients are as they were last. Look at those with a password or a secret that was changed since: the old ones hold.`;

const NOTHING_CARRIED_OVER = `What changed after the backup is as it was before: look at users and clients that were disabled or
deleted since, at passwords, client secrets, client metadata and signing keys that were changed since (a key that was
revoked signs again), and at consents that were withdrawn since, and repeat what must hold.`;

const WHY_NOT: Readonly<Record<NotCarried, string>> = {
  brought_back: '--bring-back asked for what was disabled, deleted, revoked or changed since',
  no_database: 'there was no database to be replaced, which could say what was taken away since',
  unreadable: 'the database that was there is damaged, or too old to say what was taken away since',
  another_installation:
    'the database that was there is of another gatehouse: neither id nor key nor person is the same',
  empty_target: 'the target is empty, so it does not say what was taken away since',
};

interface RestoreOptions extends Options {
  readonly keepGrants?: boolean;
  readonly bringBack?: boolean;
}

/**
 * Replaces the database of the settings by the backup `file`, and says what was carried over from the replaced one.
 * Throws CommandError where there is no such file (exit code 3), or `file` is `-` or a folder (2).
 */
export async function restore(file: string, options: RestoreOptions): Promise<void> {
  refuseNoFile(file);
  const parts = await backupParts(options);
  makeFolder(readSettings(options.config));
  const keepGrants = options.keepGrants === true;
  const bringBack = options.bringBack === true;
  const record = auditRecorder('database.restored', {
    file: basename(file),
    keep_grants: keepGrants,
    bring_back: bringBack,
  });
  const choice = { keepGrants, bringBack, remember: record };
  const { kept_aside, ended, carried, not_carried } = await restoreBackup(parts, file, choice).catch(
    explainWriting(fileOfDatabase(parts.url) ?? describeTemporaryFolder()),
  );
  const why = not_carried && WHY_NOT[not_carried];
  say(carried ? CARRIED_OVER : `Nothing was carried over: ${why}.\n${NOTHING_CARRIED_OVER}`);
  say(
    ended
      ? 'Every grant, session, code and access token from before is ended: people sign in again.'
      : 'Grants, sessions and codes are as they were in the backup: what was spent or revoked since lives again.',
  );
  await warnOfUnreadableKeys(readSettings(options.config));
  print(
    {
      restored: file,
      kept_aside,
      ...(ended && { ended }),
      ...(carried && { carried }),
      ...(not_carried && { not_carried, why_not_carried: why }),
    },
    options.json === true,
  );
}

function refuseNoFile(file: string): void {
  if (file === '-') {
    throw new CommandError(
      2,
      'restore reads a file, not standard input; write it to one first, such as by age -d -o /var/backups/gatehouse/FILE',
    );
  }
  const found = statsOf(file);
  if (!found)
    throw new CommandError(3, `there is no file ${file}; name one that gatehouse database backup wrote`);
  if (found.isDirectory()) {
    throw new CommandError(
      2,
      `${file} is a folder; name the file in it that gatehouse database backup wrote`,
    );
  }
}

/** Undefined where the file does not exist. */
function statsOf(file: string): Stats | undefined {
  try {
    return statSync(file, { throwIfNoEntry: false });
  } catch (error) {
    return explain(asUnreadable(file, error as NodeJS.ErrnoException));
  }
}

/** Only a warning: the right master key may be set after the restore. */
async function warnOfUnreadableKeys(settings: Settings): Promise<void> {
  const unreadable = await usingDatabase(settings.database, async (db) =>
    findUnreadableKeys(db, await chooseMasterKey(db, settings)),
  );
  for (const { sentence } of unreadable) say(sentence);
}

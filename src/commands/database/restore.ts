import { restore as restoreBackup } from '../../storage/backup.ts';
import { explain } from '../open.ts';
import { print, say } from '../terminal.ts';
import { backupParts, type Options } from './options.ts';

const WARNING = `What changed after the backup is as it was before: look at users and clients that were disabled or
deleted since, at passwords, client secrets and signing keys that were changed since, and at consents that were
withdrawn since, and repeat what must hold.`;

export async function restore(
  file: string,
  options: Options & { readonly keepGrants?: boolean },
): Promise<void> {
  const keepGrants = options.keepGrants === true;
  const { kept_aside, ended } = await restoreBackup(await backupParts(options), file, { keepGrants }).catch(
    explain,
  );
  say(WARNING);
  say(
    ended
      ? 'Every grant, session, code and access token from before is ended: people sign in again.'
      : 'Grants, sessions and codes are as they were in the backup: what was spent or revoked since lives again.',
  );
  print({ restored: file, kept_aside, ...(ended && { ended }) }, options.json === true);
}

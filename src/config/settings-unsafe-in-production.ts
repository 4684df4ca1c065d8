import { readdirSync, statSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { describeOtherAccess } from './file-access-by-others.ts';
import { isDevelopment } from './is-development.ts';
import { adviseOfMissingKey } from './missing-master-key-advice.ts';
import type { ParsedSettings } from './settings-schema.ts';
import { databaseFileOf } from './sqlite-file-and-folder.ts';

/** Why these settings are not safe in production; each sentence says which line to write. Empty if they are safe. */
export function unsafeSettings(settings: ParsedSettings, dataDirectory: string | undefined): string[] {
  if (isDevelopment(settings.issuer)) return [];
  const findings: string[] = [];
  if (!settings.issuer.startsWith('https://')) {
    findings.push(
      `The issuer is ${settings.issuer}: outside of this machine it must be https. ` +
        `Write: issuer: ${settings.issuer.replace(/^http:/, 'https:')}`,
    );
  }
  if (settings.master_key === undefined) findings.push(adviseOfMissingKey(settings.database));
  const others = dataDirectory === undefined ? undefined : describeOtherAccess(dataDirectory);
  if (others !== undefined) {
    findings.push(`Others may look into ${dataDirectory}: ${others}. ${adviseOfFolder(settings.database)}`);
  }
  return findings;
}

/** The mode of a shared folder (/var/lib, /srv, /tmp) must not be restricted: every user but root would lose access. */
function adviseOfFolder(database: string): string {
  const file = databaseFileOf(database) ?? '';
  const directory = dirname(file);
  if (isDedicatedFolder(file))
    return `Write: chmod 700 ${directory}, or chmod 770 where its group is this process's own`;
  return (
    'It is not the folder of the database alone, so leave its mode as it is, and give the database one of its own, ' +
    `which is made where there is none: database: sqlite:${join(directory, 'gatehouse', basename(file))}`
  );
}

/** Whether the folder of the database belongs to this user (or this user is root), and holds nothing else. */
function isDedicatedFolder(file: string): boolean {
  const directory = dirname(file);
  const uid = process.geteuid?.() ?? 0;
  if (uid !== 0 && statSync(directory).uid !== uid) return false;
  const isOwn = (name: string) =>
    name.startsWith(basename(file)) || ['master.key', 'mail', 'lost+found'].includes(name);
  try {
    return readdirSync(directory).every(isOwn);
  } catch {
    // The folder may be entered but not listed.
    return false;
  }
}

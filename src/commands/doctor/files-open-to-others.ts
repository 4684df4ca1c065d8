/** Which files other users of the machine may open. */
import { dirname, join } from 'node:path';
import { describeOtherAccess } from '../../config/file-access-by-others.ts';
import { fileOfDatabase } from '../../storage/open-database-by-url.ts';
import { fail, type OutsideCheck, pass } from './check.ts';
import { NO_FILES } from './disk-space.ts';

export const filesCheck: OutsideCheck = {
  name: 'files',
  async look({ database }) {
    const file = fileOfDatabase(database);
    if (file === undefined) return pass(NO_FILES);
    const directory = dirname(file);
    // Where no other user may enter the folder, the mode of the database file itself does not matter.
    const within = describeOtherAccess(directory) === undefined ? [] : [file, `${file}-wal`];
    const open = [directory, ...within, join(directory, 'master.key')].flatMap((path) => {
      const others = describeOtherAccess(path);
      return others === undefined ? [] : [`${path} by ${others}`];
    });
    if (open.length === 0) return pass(`no other user may open ${directory}`);
    return fail(`may be opened: ${open.join('; ')}`, `chmod -R go-rwx ${directory}`);
  },
};

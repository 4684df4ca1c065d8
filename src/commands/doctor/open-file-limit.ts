import { openFileLimit } from '../../lib/open-file-limit.ts';
import { fileOfDatabase } from '../../storage/open-database-by-url.ts';
import { serverLockOf } from '../../storage/sqlite/server-lock.ts';
import { lackOfFiles } from '../server/open-files-for-max-connections.ts';
import { type OutsideCheck, pass, warn } from './check.ts';
import { lockHolders } from './find-lock-holders.ts';

/** The limit of the server's process, where it is found: systemd gives it another limit than an operator's shell has. */
export const openFilesCheck: OutsideCheck = {
  name: 'open files',
  async look(settings) {
    const file = fileOfDatabase(settings.database);
    const [server] = file === undefined ? [] : lockHolders(serverLockOf(file));
    const most = openFileLimit(server?.pid);
    const who = server === undefined ? 'this command' : `the server (pid ${server.pid})`;
    if (most === undefined) return pass('no limit is known here');
    const lack = lackOfFiles(settings, most);
    if (lack) return warn(`${who} ${lack.seen}`, lack.remedy);
    return pass(`${who} may open ${most}, and max_connections is ${settings.max_connections}`);
  },
};

/** Checks the database: undamaged, with its settings in force, and writable now. */
import { StorageUnavailableError } from '../../storage/storage-errors.ts';
import { type Check, fail, pass } from './check.ts';
import { unavailable } from './explain-unavailable-database.ts';

export const databaseCheck: Check = {
  name: 'database',
  async run({ db, settings: { database } }) {
    const { engine, settings, findings } = await db.inspect();
    const evidence = `${engine}, ${Object.entries(settings)
      .map(([name, value]) => `${name}=${value}`)
      .join(', ')}`;
    if (findings.length > 0) return fail(findings.join('; '), 'stop the server and restore a backup');
    try {
      // Changes nothing, but waits for the write lock.
      await db.write(async () => {});
    } catch (error) {
      if (!(error instanceof StorageUnavailableError)) throw error;
      return unavailable(database, error);
    }
    return pass(evidence);
  },
};

import { deriveKey } from '../../lib/derive-key.ts';
import { unseal } from '../../oauth/keys/sealing.ts';
import type { Database } from '../../storage/database.ts';
import { pendingMigrations } from '../../storage/migrate.ts';
import { findOrphans } from '../../storage/orphans.ts';
import { listKeyRows } from '../../storage/tables/keys.ts';
import { readSettings } from '../open.ts';
import { CommandError, print } from '../terminal.ts';
import { type Options, ownMigrations, refuseMissing, withDatabase } from './options.ts';

/** Exits 1 with a sentence for each thing that is wrong. */
export async function check(options: Options): Promise<void> {
  const settings = readSettings(options.config);
  refuseMissing(settings.database);
  await withDatabase(settings.database, async (db) => {
    const inspection = await db.inspect();
    const findings = [...inspection.findings, ...(await findingsInside(db, settings.masterKey))];
    print({ engine: inspection.engine, ...inspection.settings, findings }, options.json === true);
    if (findings.length > 0) throw new CommandError(1, `${findings.length} findings`);
  });
}

async function findingsInside(db: Database, masterKey: Buffer): Promise<string[]> {
  const pending = await pendingMigrations(db, await ownMigrations());
  if (pending.length > 0) {
    const names = pending.map((migration) => migration.name).join(', ');
    return [`migrations are pending: ${names}; run gatehouse database migrate, or start the server`];
  }
  return [...(await findOrphans(db)), ...(await keysThatStayShut(db, masterKey))];
}

async function keysThatStayShut(db: Database, masterKey: Buffer): Promise<string[]> {
  const sealingKey = deriveKey(masterKey, 'private keys');
  return (await listKeyRows(db)).flatMap(({ kid, private_sealed }) => {
    if (private_sealed === '') return [];
    try {
      unseal(sealingKey, kid, private_sealed);
      return [];
    } catch (error) {
      return [(error as Error).message];
    }
  });
}

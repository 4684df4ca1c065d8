import { type Migration, readMigrations } from '../../storage/migrate.ts';

/** The migrations of this version of Gatehouse, in the order in which they are applied. */
export async function ownMigrations(): Promise<Migration[]> {
  const { migrationsDirectory } = await import('../../gatehouse.ts');
  return readMigrations(migrationsDirectory);
}

import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { backUp } from '../../src/storage/backup/back-up-to-sqlite-file.ts';
import { checkBackup } from '../../src/storage/backup/check-backup.ts';
import { ownUnfinished } from '../../src/storage/backup/name-and-remove-unfinished-files.ts';
import { readMigrations } from '../../src/storage/migrate.ts';
import { StorageConflictError } from '../../src/storage/storage-errors.ts';
import { startServer, type TestServer } from '../support/server.ts';

/** Above every process id that Linux or macOS gives. */
const NOBODY = 99_999_999;
const migrations = readMigrations(new URL('../../migrations/', import.meta.url));
let folder: string;
let server: TestServer;

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'gatehouse-at-once-'));
  server = await startServer();
});
afterEach(async () => {
  await server.stop();
  rmSync(folder, { recursive: true, force: true });
});

const parts = () => ({ url: server.gatehouse.settings.database, migrations, clock: server.clock });

it('of two backups to one name at the same time, one is made and the other reports that the file exists', async () => {
  const target = join(folder, 'b.db');
  const made = await Promise.allSettled([backUp(parts(), target), backUp(parts(), target)]);
  expect(made.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
  const [refused] = made.filter((one) => one.status === 'rejected');
  expect(refused?.reason).toBeInstanceOf(StorageConflictError);
  expect(String(refused?.reason)).toContain('is there already');
  await checkBackup(parts(), target);
  expect(readdirSync(folder)).toEqual(['b.db']);
});

it('the rest of a killed backup is deleted by the next backup of the same name, and by no other', async () => {
  const target = join(folder, 'b.db');
  const left = ownUnfinished(target).replace(`-${process.pid}-`, `-${NOBODY}-`);
  const others = [ownUnfinished(target), ownUnfinished(join(folder, 'c.db')), `${target}.unfinished-notes`];
  for (const file of [left, `${left}-journal`, ...others]) writeFileSync(file, '');
  await backUp(parts(), target);
  expect(
    readdirSync(folder)
      .map((entry) => join(folder, entry))
      .sort(),
  ).toEqual([target, ...others].sort());
});

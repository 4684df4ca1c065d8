/** A restore while the clock is behind, which is set right after it. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { disuseAt, forgetUnusedClients } from '../../src/oauth/clients/remove-unused-clients.ts';
import { backUp } from '../../src/storage/backup/back-up-to-sqlite-file.ts';
import { restore } from '../../src/storage/backup/restore.ts';
import { readMigrations } from '../../src/storage/migrate.ts';
import { startServer } from '../support/server.ts';

const YEAR_MS = 365 * 86_400_000;

it('an app that registered itself stays', async () => {
  const directory = mkdtempSync(join(tmpdir(), 'gatehouse-restore-behind-'));
  const url = `sqlite:${join(directory, 'gatehouse.db')}`;
  const environment = { GATEHOUSE_DATABASE: url, GATEHOUSE_REGISTRATION: 'open' };
  const first = await startServer({ environment });
  const registered = await fetch(`${first.issuer}/register`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ redirect_uris: ['https://app.example.com/cb'] }),
  });
  const { client_id } = (await registered.json()) as { client_id: string };
  const parts = {
    url,
    migrations: readMigrations(new URL('../../migrations/', import.meta.url)),
    clock: { nowMs: () => first.clock.nowMs() - YEAR_MS },
  };
  const backup = join(directory, 'b.db');
  await backUp(parts, backup);
  await first.stop();
  await restore(parts, backup, { keepGrants: false, bringBack: false });
  const second = await startServer({ environment });
  const { gatehouse } = second;
  expect(await gatehouse.clients.find(client_id)).toBeDefined();
  expect(await forgetUnusedClients(gatehouse, disuseAt(gatehouse.settings, gatehouse.clock.nowMs()))).toBe(0);
  await second.stop();
  rmSync(directory, { recursive: true, force: true });
});

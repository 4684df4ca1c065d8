/** Keys begin with their time: an engine that sorts text in a language's own way would take new rows for old ones. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { runCommand } from '../support/command.ts';
import { startPostgres, type TestPostgres } from '../support/postgres.ts';
import { startServer } from '../support/server.ts';

let postgres: TestPostgres;
beforeAll(async () => {
  postgres = await startPostgres();
});
afterAll(() => postgres.stop());

/** A database of that language; the test's own goes with the server. */
const databaseOf = (language: string) =>
  makeDatabase(language, `LOCALE 'C' LOCALE_PROVIDER icu ICU_LOCALE '${language}'`);

async function makeDatabase(what: string, habits: string): Promise<string> {
  const name = `in_${what.replace('-', '_').toLowerCase()}`;
  const client = new pg.Client({ connectionString: postgres.url });
  await client.connect();
  await client.query(`DROP DATABASE IF EXISTS ${name}`);
  await client.query(`CREATE DATABASE ${name} TEMPLATE template0 ${habits}`);
  await client.end();
  const url = new URL(postgres.url);
  url.pathname = `/${name}`;
  return url.href;
}

function startOn(database: string) {
  return startServer({
    environment: { GATEHOUSE_DATABASE: database, GATEHOUSE_MASTER_KEY: 'k'.repeat(44) },
  });
}

describe('a database that sorts text', () => {
  it.each(['da', 'cs', 'hu', 'az'])(
    'as %s does is refused, and the sentence says what to make',
    async (language) => {
      await expect(startOn(await databaseOf(language)).then((server) => server.stop())).rejects.toThrow(
        /sorts text as a language does .* CREATE DATABASE gatehouse TEMPLATE template0 LOCALE 'C'/,
      );
    },
  );

  it('as Danish does can be left behind by database copy, with what is pending, and not be copied to', async () => {
    const directory = mkdtempSync(join(tmpdir(), 'gatehouse-order-'));
    const danish = await databaseOf('da');
    const file = `sqlite:${directory}/g.db`;
    const migrated = await runCommand(directory, danish, ['database', 'migrate']);
    const away = await runCommand(directory, file, ['database', 'copy', '--from', danish, '--to', file]);
    expect([migrated.code, away.code]).toEqual([0, 0]);
    const back = await runCommand(directory, file, ['database', 'copy', '--from', file, '--to', danish]);
    expect([back.code, back.err]).toEqual([1, expect.stringContaining('sorts text as a language does')]);
    rmSync(directory, { recursive: true, force: true });
  });

  it.each(['en-US', 'de', 'fr'])('as %s does keeps the order of times', async (language) => {
    const server = await startOn(await databaseOf(language));
    await server.stop();
  });
});

describe('a database that keeps text', () => {
  const encoded = (encoding: string) => makeDatabase(encoding, `LOCALE 'C' ENCODING '${encoding}'`);

  it.each(['LATIN1', 'WIN1252', 'EUC_JP', 'SQL_ASCII'])(
    'as %s is refused, and the sentence says what to make',
    async (encoding) => {
      await expect(startOn(await encoded(encoding)).then((server) => server.stop())).rejects.toThrow(
        /does not keep its text as UTF-8 .* CREATE DATABASE gatehouse TEMPLATE template0 LOCALE 'C' ENCODING 'UTF8'/,
      );
    },
  );

  it('as LATIN1 fails database check, and nothing can be copied to it', async () => {
    const directory = mkdtempSync(join(tmpdir(), 'gatehouse-encoding-'));
    const [latin, file] = [await encoded('LATIN1'), `sqlite:${directory}/g.db`];
    for (const database of [latin, file]) await runCommand(directory, database, ['database', 'migrate']);
    const check = await runCommand(directory, latin, ['database', 'check']);
    expect([check.code, check.out + check.err]).toEqual([1, expect.stringContaining('encoding is LATIN1')]);
    const copy = await runCommand(directory, file, ['database', 'copy', '--from', file, '--to', latin]);
    expect([copy.code, copy.err]).toEqual([1, expect.stringContaining('does not keep its text as UTF-8')]);
    rmSync(directory, { recursive: true, force: true });
  });
});

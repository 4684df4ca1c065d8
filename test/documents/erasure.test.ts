/** docs/how-to/personal-data.md: what was deleted is in no file of the database once the server was stopped. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import SqliteDatabase from 'better-sqlite3';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { createUserAgent } from '../support/user-agent.ts';
import { readBlocks } from './blocks.ts';
import { prepared } from './preparations.ts';
import { openReadersHouse, type ReadersHouse } from './reader.ts';

const PASSWORD = 'correct horse battery staple';
/** Together longer than a page of the file: pages of their own hold the rest. */
const many = (names: string) =>
  Object.fromEntries(names.split(' ').map((name) => [name, 'QQGONE '.repeat(70)]));
const claims = JSON.stringify({
  phone_number: '+49QQGONE1',
  ...many('name given_name family_name middle_name nickname'),
  address: many('formatted street_address locality region postal_code country'),
});
/** In everything by which the person could be known: names, addresses, claims, browsers. */
const MARK = /qqgone[0-9a-z@.-]*/gi;

let gatehouse: ReadersHouse;
beforeAll(async () => {
  gatehouse = await openReadersHouse();
}, 60_000);
afterAll(() => gatehouse.stop());

/** Not the folder of the mail that development keeps: the document names it. */
const files = () => readdirSync(join(gatehouse.directory, 'data')).filter((name) => name !== 'mail');
/** Each once, by the file that it is in. */
function traces(): string[] {
  const found = files().flatMap((name) => {
    const bytes = readFileSync(join(gatehouse.directory, 'data', name), 'latin1');
    return [...bytes.matchAll(MARK)].map(([mark]) => `${name}: ${mark}`);
  });
  return [...new Set(found)];
}

async function type(text: string, input = ''): Promise<void> {
  const ran = await gatehouse.type(text, { input });
  expect(ran.code, `${text}\n${ran.err}`).toBe(0);
}

it('a person who was deleted, and what was changed of them before, is in no file after the next stop', async () => {
  await type('gatehouse user create --username qqgone1 --email qqgone1@example.com --claims -', claims);
  await type('gatehouse user set-password qqgone1 --password-stdin', `${PASSWORD}\n`);
  const agent = createUserAgent(gatehouse.issuer, { 'user-agent': 'QQGONE-browser/1.0' });
  const login = await agent.open(`${gatehouse.issuer}/login`);
  await agent.submit(login, { username: 'qqgone1', password: PASSWORD });
  await type('gatehouse user update qqgone1 --email qqgone1.later@example.com');
  expect(traces().join()).toContain('QQGONE-browser');
  await type('gatehouse user delete qqgone1');
  expect(await gatehouse.whileStopped(async () => traces())).toEqual([]);
}, 60_000);

it('what an older version left in the file goes by the commands of the document', async () => {
  const block = readBlocks('docs/how-to/personal-data.md').find(({ language }) => language === 'sh');
  const { script } = prepared(block?.text ?? '', {
    issuer: gatehouse.issuer,
    clientId: '',
    password: PASSWORD,
  });
  await gatehouse.whileStopped(async () => {
    const older = new SqliteDatabase(join(gatehouse.directory, 'data', 'gatehouse.db'));
    older.exec(`PRAGMA secure_delete = OFF; CREATE TABLE left_behind (words TEXT);
      INSERT INTO left_behind VALUES ('qqgone2'); DROP TABLE left_behind`);
    older.close();
    expect(traces()).not.toEqual([]);
    await type(script);
    expect(traces()).toEqual([]);
    expect(files().filter((name) => name.includes('before-restore'))).toEqual([]);
  });
}, 60_000);

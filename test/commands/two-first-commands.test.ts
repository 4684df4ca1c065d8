/** Two commands that each would create the installation, at one moment: one creates it and says so, both have done their work. */
import { mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { withNewGatehouse } from '../../src/commands/open-or-create-gatehouse.ts';
import { createGroup } from '../../src/identity/groups-and-roles.ts';
import { runCommand } from '../support/command.ts';
import { freePort } from '../support/free-port.ts';

let directory: string;
let config: string;
let err: string;
beforeEach(async () => {
  directory = mkdtempSync(join(tmpdir(), 'gatehouse-first-'));
  config = join(directory, 'gatehouse.yaml');
  const settings = [
    `issuer: http://localhost:${await freePort()}`,
    `database: sqlite:${join(directory, 'data', 'gatehouse.db')}`,
  ];
  writeFileSync(config, `${settings.join('\n')}\n`);
  err = '';
  vi.spyOn(process.stderr, 'write').mockImplementation((text) => {
    err += String(text);
    return true;
  });
});
afterEach(() => {
  vi.restoreAllMocks();
  rmSync(directory, { recursive: true, force: true });
});

const create = (name: string, meanwhile: () => unknown = () => undefined) =>
  withNewGatehouse(config, async (gatehouse) => {
    const group = await createGroup(gatehouse, name, undefined);
    await meanwhile();
    return group;
  });
const begun = () => err.split('this began').length - 1;
const inData = () => readdirSync(join(directory, 'data')).sort();

it('where the other has stored its key and no database yet, this one creates the database with that key', async () => {
  const storeKey = () => {
    mkdirSync(join(directory, 'data'), { recursive: true, mode: 0o700 });
    writeFileSync(join(directory, 'data', 'master.key'), `${'k'.repeat(20)}${'e'.repeat(23)}\n`, {
      mode: 0o600,
      flag: 'wx',
    });
  };
  let first = true;
  await create('staff', () => {
    if (first) storeKey();
    first = false;
  });
  expect(begun()).toBe(1);
  expect(inData()).toEqual(['gatehouse.db', 'master.key']);
  await create('others');
  expect(begun()).toBe(1);
});

it('where the key is a link to nothing, the command ends with what to look at', async () => {
  mkdirSync(join(directory, 'data'), { mode: 0o700 });
  symlinkSync(join(directory, 'gone'), join(directory, 'data', 'master.key'));
  await expect(create('staff')).rejects.toThrow('a link to a file that is gone');
  expect(begun()).toBe(0);
  expect(inData()).toEqual(['master.key']);
});

it('where the other has created both, this one does its work there', async () => {
  let first = true;
  await create('staff', async () => {
    if (!first) return;
    first = false;
    const words = ['group', 'create', 'others', '--config', config];
    const shell = 'unset GATEHOUSE_MASTER_KEY GATEHOUSE_DATABASE; exec "$@"';
    const other = await runCommand(directory, '', words, { shell });
    expect([other.code, other.err]).toEqual([0, expect.stringContaining('this began')]);
  });
  expect(begun()).toBe(0);
  expect(inData()).toEqual(['gatehouse.db', 'master.key']);
  const names = await withNewGatehouse(config, ({ db }) =>
    db.all('SELECT group_name AS name FROM user_groups ORDER BY group_name'),
  );
  expect(names).toEqual([{ name: 'others' }, { name: 'staff' }]);
});

/** Groups, roles and attributes as an operator manages them. */
import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { program } from '../support/program.ts';

const directory = mkdtempSync(join(tmpdir(), 'gatehouse-groups-'));
afterAll(() => rmSync(directory, { recursive: true, force: true }));

interface Ran {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

function run(words: readonly string[], input = ''): Promise<Ran> {
  const { PATH = '', HOME = '' } = process.env;
  return new Promise((resolve) => {
    const options = { cwd: directory, env: { PATH, HOME } };
    const child = execFile(process.execPath, [program, ...words], options, (error, out, err) => {
      resolve({ code: Number(error?.code ?? 0), out, err });
    });
    child.stdin?.end(input);
  });
}

async function json(words: readonly string[], input?: string) {
  const { code, out, err } = await run([...words, '--json'], input);
  expect(err).not.toContain('Error');
  expect(code).toBe(0);
  return JSON.parse(out);
}

it('group create, list, get, add-user, remove-user and delete; user create and update with groups and roles', async () => {
  const created = await json(['group', 'create', 'Gate Keepers', '--description', 'who has the keys']);
  expect(created).toMatchObject({ group: 'Gate Keepers', description: 'who has the keys', members: [] });
  await json(['group', 'create', 'staff']);
  const taken = await run(['group', 'create', 'STAFF']);
  expect(taken).toMatchObject({ code: 4, err: expect.stringContaining('there is a group staff already') });

  const unknown = await run(['user', 'create', '--username', 'alice', '--group', 'stuff']);
  expect(unknown).toMatchObject({ code: 3, err: expect.stringContaining('gatehouse group create stuff') });
  const alice = await json([
    'user',
    'create',
    '--username',
    'alice',
    '--group',
    'STAFF',
    '--role',
    'b',
    '--role',
    'a',
  ]);
  expect(alice).toMatchObject({ groups: ['staff'], roles: ['a', 'b'] });

  const { members } = await json(['group', 'add-user', 'gate keepers', '--user', 'alice']);
  expect(members).toEqual([{ sub: alice.sub, username: 'alice' }]);
  expect(await json(['user', 'list'])).toMatchObject([
    { groups: ['Gate Keepers', 'staff'], roles: ['a', 'b'] },
  ]);

  expect(await json(['user', 'update', 'alice', '--group', 'staff', '--clear-roles'])).toMatchObject({
    groups: ['staff'],
    roles: [],
  });
  expect(await json(['group', 'get', 'Gate Keepers'])).toMatchObject({ members: [] });
  expect(await json(['group', 'remove-user', 'staff', '--user', 'alice'])).toMatchObject({ members: [] });
  await json(['group', 'add-user', 'staff', '--user', alice.sub]);
  expect(await json(['group', 'delete', 'staff'])).toEqual({ group: 'staff', deleted: true });
  expect(await json(['user', 'get', 'alice'])).toMatchObject({ groups: [], roles: [] });
  expect((await json(['group', 'list'])).map(({ group }: { group: string }) => group)).toEqual([
    'Gate Keepers',
  ]);
  expect((await run(['group', 'get', 'staff'])).code).toBe(3);
  expect((await run(['group', 'create', 'a,b'])).err).toContain('"a,b" cannot be used');
}, 60_000);

it('attributes of the operator’s own are stored as the settings define them', async () => {
  const settings = (text: string) => writeFileSync(join(directory, 'gatehouse.yaml'), text);
  settings('claims: { department: {} }\n');
  const wrong = await run(['user', 'list']);
  expect(wrong).toMatchObject({
    code: 1,
    err: expect.stringContaining('claims.department: no scope gives it'),
  });
  settings('scopes: { profile: { claims: [department] } }\nclaims: { department: {} }\n');
  const claims = JSON.stringify({ department: 'Gates', name: 'Berta' });
  const berta = await json(['user', 'create', '--username', 'berta', '--claims', '-'], claims);
  expect(berta.claims).toEqual({ department: 'Gates', name: 'Berta' });
  const reserved = await run(['user', 'update', 'berta', '--claims', '-'], '{"sub": "alice"}');
  expect(reserved).toMatchObject({ code: 1, err: expect.stringContaining("sub is the protocol's own") });
  const misspelt = await run(['user', 'update', 'berta', '--claims', '-'], '{"departmant": "x"}');
  expect(misspelt.err).toContain('did you mean department?');
  settings('{}\n');
  expect(await json(['user', 'update', 'berta', '--username', 'bertha'])).toMatchObject({
    username: 'bertha',
  });
}, 60_000);

/** Whom the audit is asked about: "(none)" means that nothing happened, not that nobody is called so. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { runCommand } from '../support/command.ts';

let directory: string;
let sub: string;
const gatehouse = (...words: string[]) =>
  runCommand(directory, `sqlite:${join(directory, 'gatehouse.db')}`, words);
const list = (...words: string[]) => gatehouse('audit-event', 'list', ...words);

beforeAll(async () => {
  directory = mkdtempSync(join(tmpdir(), 'gatehouse-audit-names-'));
  await gatehouse('user', 'create', '--username', 'alice');
  const { out } = await gatehouse('user', 'create', '--username', 'bob', '--json');
  sub = JSON.parse(out).sub;
  await gatehouse('user', 'delete', 'bob');
});
afterAll(() => rmSync(directory, { recursive: true, force: true }));

it('an unknown username is refused, and a deleted user is found by sub', async () => {
  for (const name of ['alcie', 'bob']) {
    const { code, out, err } = await list('--user', name);
    expect([code, out]).toEqual([3, '']);
    expect(err).toBe(`there is no user ${name}, and no event about one; who was deleted is found by sub\n`);
  }
  const { code, out } = await list('--user', sub, '--json');
  expect(code).toBe(0);
  expect(JSON.parse(out).map(({ type }: { type: string }) => type)).toEqual(['user.deleted', 'user.created']);
});

it('a user without events of that type gives an empty list, by name and by sub', async () => {
  for (const name of ['alice', sub])
    expect(await list('--user', name, '--type', 'login.failed')).toMatchObject({ code: 0, out: '(none)\n' });
});

it('clients and grants that do not exist and never existed are refused too', async () => {
  for (const [flag, noun] of [
    ['--client', 'client'],
    ['--grant', 'grant'],
  ] as const) {
    const { code, err } = await list(flag, 'nonsense');
    expect([code, err]).toEqual([3, `there is no ${noun} nonsense, and no event about one\n`]);
  }
  const { out } = await gatehouse(
    'client',
    'create',
    '--name',
    'A',
    '--type',
    'public',
    '--native',
    '--redirect-uri',
    'http://127.0.0.1/callback',
    '--json',
  );
  const { client_id } = JSON.parse(out);
  const none = await list('--client', client_id, '--type', 'token.refused');
  expect(none).toMatchObject({ code: 0, out: '(none)\n' });
  await gatehouse('client', 'delete', client_id);
  expect(await list('--client', client_id)).toMatchObject({
    code: 0,
    out: expect.stringContaining('client.deleted'),
  });
});

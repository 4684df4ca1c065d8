/** Lists of an installation with more in it than a command prints at once. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { createGroup } from '../../src/identity/groups-and-roles.ts';
import type { Tx } from '../../src/storage/database.ts';
import { insertMember } from '../../src/storage/tables/groups-and-members.ts';
import { runCommand } from '../support/command.ts';
import { publicClient } from '../support/flow.ts';
import { storePast } from '../support/past.ts';
import { startServer, type TestServer } from '../support/server.ts';

const MORE = 3;
let directory: string;
let server: TestServer;

beforeAll(async () => {
  directory = mkdtempSync(join(tmpdir(), 'gatehouse-lists-'));
  server = await startServer({ environment: { GATEHOUSE_MASTER_KEY: 'k'.repeat(44) } });
  const clientIds: string[] = [];
  await createGroup(server.gatehouse, 'Staff', undefined);
  await createGroup(server.gatehouse, 'Others', undefined);
  for (const name of ['alice', 'bob', 'carol', 'dave', 'erin']) {
    const { sub } = await server.user(name);
    clientIds.push((await publicClient(server)).client.client_id);
    await server.gatehouse.db.write((tx) => insertMember(tx, sub, 'Staff'));
    if (name === 'erin') await storePast(server.gatehouse, { sub, clientIds, sessions: 5, grants: 1 });
  }
}, 60_000);
afterAll(async () => {
  await server.stop();
  rmSync(directory, { recursive: true, force: true });
});

const run = (...words: string[]) =>
  runCommand(directory, `sqlite:${join(server.directory, 'gatehouse.db')}`, [...words, '--json']);

/** Part after part, by what the command itself says. */
async function walk(key: string, ...words: string[]): Promise<string[]> {
  const seen: string[] = [];
  let after: string[] = [];
  for (let part = 0; part < 9; part += 1) {
    const { code, out, err } = await run(...words, '--limit', String(MORE), ...after);
    expect(code, err).toBe(0);
    const printed = JSON.parse(out);
    const rows: Record<string, string>[] = Array.isArray(printed) ? printed : printed.members;
    expect(rows.length).toBeLessThanOrEqual(MORE);
    seen.push(...rows.map((row) => row[key] ?? ''));
    const [, next] = /there is more: add --after (\S+), or a greater --limit/.exec(err) ?? [];
    if (next === undefined) return seen;
    after = ['--after', next];
  }
  return seen;
}

it.each([
  ['sub', 5, ['user', 'list']],
  ['client_id', 5, ['client', 'list']],
  ['grant_id', 5, ['grant', 'list']],
  ['grant_id', 5, ['grant', 'list', '--user', 'erin']],
  ['sid', 5, ['session', 'list', '--user', 'erin']],
  ['sid', 5, ['session', 'list']],
  ['username', 5, ['group', 'get', 'staff']],
] as const)(
  '%s: all %i of them come in parts, each once: %j',
  async (key, count, words) => {
    const seen = await walk(key, ...words);
    expect([seen.length, new Set(seen).size]).toEqual([count, count]);
  },
  120_000,
);

it.each([['client'], ['session'], ['audit-event']] as const)(
  '%s list does not end without a word after one that is there no more',
  async (noun) => {
    const { code, err } = await run(noun, 'list', '--after', 'gone');
    expect([code, err]).toEqual([3, expect.stringContaining(`there is no ${noun} gone`)]);
  },
  60_000,
);

it('sessions are listed in parts, each once, though one is used meanwhile', async () => {
  const list = ['session', 'list', '--user', 'erin'];
  const sids = ({ out }: { out: string }) => JSON.parse(out).map(({ sid }: { sid: string }) => sid);
  const first = await run(...list, '--limit', String(MORE));
  const seen = sids(first);
  await server.gatehouse.db.write((tx) =>
    tx.run('UPDATE sessions SET seen_at = seen_at + 864000000 WHERE sid = $1', seen.at(-1)),
  );
  const [, after = ''] = /--after (\S+),/.exec(first.err) ?? [];
  seen.push(...sids(await run(...list, '--after', after)));
  expect([seen.length, new Set(seen).size]).toEqual([5, 5]);
}, 60_000);

it('a complete list does not mention more', async () => {
  const { out, err } = await run('group', 'list');
  expect(JSON.parse(out)).toHaveLength(2);
  expect(err).not.toContain('more');
  const events = await run('audit-event', 'list', '--limit', '2');
  expect(JSON.parse(events.out)).toHaveLength(2);
  expect(events.err).toMatch(/there is more: add --after \S+, or a greater --limit/);
}, 60_000);

it('audit events are listed in parts, each once, though rows hold several and more are written meanwhile', async () => {
  const record = (tx: Tx, sub: string) => server.gatehouse.audit.record(tx, { type: 'user.updated', sub });
  for (const row of [0, 1, 2]) {
    server.clock.advance(1000);
    const subs = Array.from({ length: 4 }, (_, index) => `row${row}-${index}`);
    await server.gatehouse.db.write(async (tx) => {
      for (const sub of subs) record(tx, sub);
    });
  }
  const list = ['audit-event', 'list', '--type', 'user.updated'];
  const whole = JSON.parse((await run(...list)).out).map(({ sub }: { sub: string }) => sub);
  expect(whole).toHaveLength(12);
  const first = await run(...list, '--limit', '3');
  await server.gatehouse.db.write(async (tx) => record(tx, 'meanwhile'));
  const [, after = ''] = /--after (\S+),/.exec(first.err) ?? [];
  const rest = await run(...list, '--after', after);
  const seen = [first, rest].flatMap(({ out }) => JSON.parse(out).map(({ sub }: { sub: string }) => sub));
  expect(seen).toEqual(whole);
  expect(await walk('event_id', ...list)).toHaveLength(13);
}, 120_000);

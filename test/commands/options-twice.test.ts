/** An option that is given twice: each counts, or the command is refused. That the last counts alone goes unseen. */
import type { Command, Option } from 'commander';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { createProgram } from '../../src/commands/run.ts';
import { runCommand } from '../support/command.ts';
import { startServer, type TestServer } from '../support/server.ts';
import { runVerb } from '../support/verb.ts';

let server: TestServer;
beforeAll(async () => {
  server = await startServer();
});
afterAll(() => server.stop());

interface Place {
  readonly path: readonly string[];
  readonly option: Option;
}

function placesOf(command: Command, path: readonly string[] = []): Place[] {
  return [
    ...command.options.map((option) => ({ path, option })),
    ...command.commands.flatMap((child) => placesOf(child, [...path, child.name()])),
  ];
}

const silently = (command: Command): Command => {
  command.configureOutput({ writeOut: () => undefined, writeErr: () => undefined });
  command.commands.forEach(silently);
  return command;
};

/** What is said of an option that is given twice. The last word is known nowhere: no command is run. */
async function saidOf({ path, option }: Place): Promise<string> {
  const given = option.required ? [`--${option.name()}`, '1'] : [`--${option.name()}`];
  const words = [...path, ...given, ...given, '--known-nowhere'];
  return silently(createProgram())
    .parseAsync(words, { from: 'user' })
    .then(
      () => 'nothing',
      (error: Error) => error.message,
    );
}

it('every option of every command may be repeated, and its help says so, or is refused by name', async () => {
  const places = placesOf(createProgram()).filter(({ option }) => option.name() !== 'version');
  expect(places.length).toBeGreaterThan(100);
  for (const place of places) {
    const { path, option } = place;
    const isRefused = (await saidOf(place)).includes(`'${option.flags}' is given twice`);
    const isRepeatable = option.description.includes('may be repeated');
    expect([...path, option.flags, isRefused]).toEqual([...path, option.flags, !isRepeatable]);
  }
});

it('an option that is given twice is refused with exit code 2', async () => {
  const ran = await runCommand('.', 'sqlite:none.db', ['session', 'list', '--user', 'a', '--user', 'b']);
  expect(ran).toMatchObject({
    code: 2,
    out: '',
    err: expect.stringContaining("'--user <value>' is given twice"),
  });
});

const act = (noun: string, verb: string, input: object) => runVerb(server, noun, verb, input);

it('two keys that leaked together are revoked together; where one is not known, none', async () => {
  const kidsNow = async () => ((await act('keys', 'list', {})) as { kid: string }[]).map(({ kid }) => kid);
  const leaked = await kidsNow();
  expect(leaked).toHaveLength(2);
  const refused = await act('keys', 'rotate', { now: true, revoke: [leaked[0], 'nonsense'] });
  expect(refused).toMatchObject({ reason: 'unknown_key' });
  expect(await kidsNow()).toEqual(leaked);
  await act('keys', 'rotate', { now: true, revoke: [...leaked, leaked[0]] });
  expect((await kidsNow()).filter((kid) => leaked.includes(kid))).toEqual([]);
  const events = await act('audit-event', 'list', { types: ['key.revoked'] });
  expect(events.map((event: { details: { kid: string } }) => event.details.kid).sort()).toEqual(
    leaked.sort(),
  );
});

it('group add-user, session revoke and audit-event list take several; of a person who is not known nothing is done', async () => {
  const [one, other] = [await server.user('one'), await server.user('other')];
  await act('group', 'create', { group: 'staff' });
  const nobody = await act('group', 'add-user', { group: 'staff', users: [one.username, 'nobody'] });
  expect(nobody).toMatchObject({ reason: 'unknown_user' });
  expect((await act('group', 'get', { group: 'staff' })).members).toEqual([]);
  const both = [one.username, other.username];
  const added = await act('group', 'add-user', { group: 'staff', users: both });
  expect(added.members).toHaveLength(2);
  const removed = await act('group', 'remove-user', { group: 'staff', users: both });
  expect(removed.members).toEqual([]);

  const ended = await act('session', 'revoke', { users: both });
  expect(ended).toEqual([one, other].map(({ sub }) => ({ sub, ended: 0 })));
  expect(await act('session', 'revoke', { sid: 'x', users: both })).toMatchObject({ reason: 'sid_or_user' });
  expect(await act('session', 'revoke', {})).toMatchObject({ reason: 'sid_or_user' });

  const types = ['group.created', 'group.member_added'];
  const events = await act('audit-event', 'list', { types });
  expect([...new Set(events.map(({ type }: { type: string }) => type))].sort()).toEqual(types);
  expect(await act('audit-event', 'list', { types: ['group.created', 'x'] })).toMatchObject({
    reason: 'unknown_event_type',
  });
});

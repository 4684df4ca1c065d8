/** Who did it, and to whom: the audit names the operator, and lists name people. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { runCommand } from '../support/command.ts';
import { auditEvents, authorize, confidentialClient, redeem } from '../support/flow.ts';
import { startServer, type TestServer } from '../support/server.ts';

let server: TestServer;
let directory: string;
beforeAll(async () => {
  directory = mkdtempSync(join(tmpdir(), 'gatehouse-actor-'));
  const GATEHOUSE_DATABASE = `sqlite:${join(directory, 'gatehouse.db')}`;
  const GATEHOUSE_REGISTRATION = 'token';
  server = await startServer({
    environment: { GATEHOUSE_DATABASE, GATEHOUSE_REGISTRATION, GATEHOUSE_MASTER_KEY: 'k'.repeat(44) },
  });
  await server.user();
});
afterAll(async () => {
  await server.stop();
  rmSync(directory, { recursive: true, force: true });
});

// biome-ignore lint/suspicious/noExplicitAny: what is printed is looked at member by member
async function gatehouse(words: string[], shell = 'exec "$@"'): Promise<any> {
  const database = `sqlite:${join(directory, 'gatehouse.db')}`;
  const { code, out, err } = await runCommand(directory, database, [...words, '--json'], { shell });
  expect(code, err).toBe(0);
  return JSON.parse(out);
}

const me = `os:${userInfo().username}`;

it('what an operator does names the operator, through sudo too; what the server does by itself, the server', async () => {
  await gatehouse(['user', 'create', '--username', 'bob']);
  await gatehouse(['user', 'disable', 'bob'], 'export SUDO_USER=carol; exec "$@"');
  await gatehouse(['keys', 'rotate']);
  const actors = (await auditEvents(server)).map(({ type, actor }) => `${type} ${actor}`);
  expect(actors).toEqual(
    expect.arrayContaining([
      `user.created ${me}`,
      `user.disabled ${me} (sudo carol)`,
      `key.created ${me}`,
      'key.created server',
    ]),
  );
  const events = await gatehouse(['audit-event', 'list', '--actor', `${me} (sudo carol)`]);
  expect(events.map(({ type }: { type: string }) => type)).toContain('user.disabled');
});

it('what an app does with its registration names the kind of token', async () => {
  const { initial_access_token } = await gatehouse(['client', 'initial-access-token']);
  const send = async (url: string, method: string, token: string, body?: object) => {
    const headers = { authorization: `Bearer ${token}`, ...(body && { 'content-type': 'application/json' }) };
    const response = await fetch(url, { method, headers, ...(body && { body: JSON.stringify(body) }) });
    // biome-ignore lint/suspicious/noExplicitAny: looked at member by member
    return { status: response.status, body: (await response.json().catch(() => undefined)) as any };
  };
  const wanted = { redirect_uris: ['https://app.example.com/cb'] };
  const { body: made } = await send(`${server.issuer}/register`, 'POST', initial_access_token, wanted);
  const { registration_client_uri, registration_access_token, client_id } = made;
  const own = (method: string, body?: object) =>
    send(registration_client_uri, method, registration_access_token, body);
  expect((await own('PUT', { client_id, ...wanted, client_name: 'Other' })).status).toBe(200);
  expect((await own('DELETE')).status).toBe(204);
  const events = (await auditEvents(server)).filter((event) => event.client_id === client_id);
  expect(Object.fromEntries(events.map(({ type, actor }) => [type, actor]))).toMatchObject({
    'client.registered': 'initial_access_token',
    'client.updated': 'registration_access_token',
    'client.deleted': 'registration_access_token',
  });
});

it('lists show the username beside the sub', async () => {
  const app = await confidentialClient(server);
  const { body } = await redeem(server, app, await authorize(server, app.client));
  await server.gatehouse.audit.flush();
  for (const noun of ['session', 'grant', 'audit-event']) {
    const rows = (await gatehouse([noun, 'list'])).filter((row: { sub?: string }) => row.sub !== undefined);
    expect(
      rows.map(({ username }: { username: string }) => username),
      noun,
    ).toContain('alice');
    expect(Object.keys(rows[0]).join(), noun).toContain('sub,username');
  }
  const piped = `export GATEHOUSE_ISSUER=${server.issuer}; printf %s '${body.access_token}' | "$@"`;
  expect(await gatehouse(['token', 'introspect'], piped)).toMatchObject({ active: true, username: 'alice' });
});

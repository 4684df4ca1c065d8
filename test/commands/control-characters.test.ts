/** What strangers wrote must not reach an operator's terminal as commands. CWE-150 */
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { updateClient } from '../../src/storage/tables/clients.ts';
import { runCommand } from '../support/command.ts';
import { authorize, confidentialClient, post, type Registered } from '../support/flow.ts';
import { startServer, type TestServer } from '../support/server.ts';
import { createUserAgent } from '../support/user-agent.ts';

/** ESC [ 2 J, CSI as one character, a line of its own, a separator, the reading direction turned around, DEL. */
const EVIL = 'a\x1b[2J\x9b31m\r\nPASS  all is well\u2028\u202egnp.exe\u2066\x7fz';
const ESCAPED = 'a\\u001b[2J\\u009b31m\\u000d\\u000aPASS  all is well\\u2028\\u202egnp.exe\\u2066\\u007fz';
const RAW = /[^\P{Cc}\n]|[\p{Bidi_Control}\p{Zl}\p{Zp}]/u;

let server: TestServer;
let app: Registered;
let stranger: Server;
const run = (words: readonly string[]) =>
  runCommand(server.directory, `sqlite:${server.directory}/gatehouse.db`, words);

beforeAll(async () => {
  server = await startServer({ environment: { GATEHOUSE_MASTER_KEY: 'k'.repeat(44) } });
  await server.user();
  app = await confidentialClient(server);
  const metadata = JSON.stringify({ ...app.client.metadata, software_id: EVIL, contacts: ['b', EVIL] });
  await server.gatehouse.db.write((tx) => updateClient(tx, { ...app.client, metadata, updated_at: 1 }));
  // A header's bytes above 127 are one character each: \x9b is CSI.
  await authorize(server, app.client, {
    agent: createUserAgent(server.issuer, { 'user-agent': 'Mozilla \x9b31m\x85 end' }),
  });
  await post(server, '/token', { grant_type: 'client_credentials', client_id: EVIL });
  await server.gatehouse.audit.flush();
  stranger = createServer((request, response) => {
    const { port } = stranger.address() as AddressInfo;
    const issuer = `http://127.0.0.1:${port}`;
    const answer =
      request.method === 'POST'
        ? { error: 'invalid_client', error_description: EVIL }
        : { issuer, authorization_endpoint: `${issuer}/a`, token_endpoint: `${issuer}/t` };
    response.writeHead(request.method === 'POST' ? 400 : 200, { 'content-type': 'application/json' });
    response.end(JSON.stringify(answer));
  });
  await new Promise<void>((done) => stranger.listen(0, '127.0.0.1', done));
});
afterAll(async () => {
  stranger.close();
  await server.stop();
});

it('every cell of a list and of a single record is escaped, line breaks too', async () => {
  for (const [words, part] of [
    [['client', 'get', app.client.client_id], ESCAPED],
    [['client', 'list'], ESCAPED],
    [['audit-event', 'list'], 'client.authentication_failed'],
    [['session', 'list', '--user', 'alice'], 'Mozilla \\u009b31m\\u0085 end'],
  ] as const) {
    const { out, err, code } = await run(words);
    expect([code, err]).toEqual([0, '']);
    expect(out).toContain(part);
    expect(out).not.toMatch(RAW);
  }
});

it('--json is escaped and means the same', async () => {
  const { out } = await run(['client', 'get', app.client.client_id, '--json']);
  expect(out).not.toMatch(RAW);
  expect(JSON.parse(out)).toMatchObject({ software_id: EVIL, contacts: ['b', EVIL] });
});

it('errors are escaped: what an operator pasted, and what another server answered', async () => {
  const unknown = await run(['client', 'get', 'x\x1b[2J\u202e']);
  expect([unknown.code, unknown.err]).toEqual([3, expect.stringContaining('x\\u001b[2J\\u202e')]);
  const twoLines = await run(['client', 'get', 'x\nPASS']);
  expect([twoLines.code, twoLines.err]).toEqual([3, 'there is no client x\\u000aPASS\n']);
  const flag = await run(['client', 'list', '--\x9b31m']);
  expect([flag.code, flag.err]).toEqual([2, expect.stringContaining('--\\u009b31m')]);
  const file = await run(['client', 'create', '--metadata', 'x\nPASS']);
  expect([file.code, file.err]).toEqual([2, expect.stringContaining('x\\u000aPASS cannot be read')]);
  const { port } = stranger.address() as AddressInfo;
  const words = ['login', 'client-credentials', '--client-id', 'x', '--issuer', `http://127.0.0.1:${port}`];
  const answer = await run(words);
  expect([answer.code, answer.err]).toEqual([1, `invalid_client: ${ESCAPED}\n`]);
});

it('a line of the log is escaped and means the same', async () => {
  server.gatehouse.log.warn({ logo_uri: EVIL }, 'a test');
  const line = server.lines.at(-1) ?? '';
  expect(line).not.toMatch(RAW);
  expect(JSON.parse(line).logo_uri).toBe(EVIL);
});

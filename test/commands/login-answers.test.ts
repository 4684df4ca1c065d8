/** gatehouse login where the server answers something else than tokens. */
import { createServer, type Server } from 'node:http';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { runCommand } from '../support/command.ts';
import { freePort } from '../support/free-port.ts';
import { startServer, type TestServer } from '../support/server.ts';

let server: TestServer;
let public_id: string;
beforeAll(async () => {
  server = await startServer();
  const { client } = await server.client({
    redirect_uris: ['http://127.0.0.1/callback'],
    application_type: 'native',
    token_endpoint_auth_method: 'none',
    scope: 'openid',
  });
  public_id = client.client_id;
});
afterAll(() => server.stop());

const login = (issuer: string, ...words: string[]) =>
  runCommand(server.directory, 'sqlite:none.db', ['login', ...words, '--issuer', issuer]);
const loginCode = (...words: string[]) => login(server.issuer, 'code', ...words);

it('an error page is noticed, and its text is printed', async () => {
  const { client } = await server.client({ redirect_uris: ['https://app.example.com/cb'] });
  const { code, err } = await loginCode('--client-id', client.client_id);
  expect(code).toBe(1);
  expect(err).toMatch(/the server shows an error page \(400\): Invalid redirect .*127\.0\.0\.1/);
  expect(err).not.toContain('Open this address');
  expect((await loginCode('--client-id', 'nobody')).err).toMatch(/error page \(400\): Unknown app/);
});

it('an error that the app would get at once is printed without waiting for a browser', async () => {
  const { code, err } = await loginCode('--client-id', public_id, '--scope', 'reports');
  expect([code, err]).toEqual([1, expect.stringContaining('invalid_scope')]);
});

it('the wait for a browser that never comes back ends after --timeout', async () => {
  const { code, err } = await loginCode('--client-id', public_id, '--timeout', '1');
  expect(err).toContain('Open this address');
  expect([code, err]).toEqual([1, expect.stringContaining('nobody came back within 1 s')]);
  expect((await loginCode('--client-id', public_id, '--timeout', 'soon')).code).toBe(2);
  expect((await loginCode('--client-id', public_id, '--port', '99999')).code).toBe(2);
});

it('a port that is taken is a sentence', async () => {
  const port = await freePort();
  const busy = createServer().listen(port, '127.0.0.1');
  const { code, err } = await loginCode('--client-id', public_id, '--port', String(port));
  busy.close();
  expect([code, err]).toEqual([
    1,
    expect.stringMatching(/cannot wait on .* \(EADDRINUSE\); leave --port away/),
  ]);
});

it('what is no discovery document, and what is no token answer, is shown as it is', async () => {
  const { url, answers, close } = await startAnswering();
  const wanted = [
    ['null', 'the whole must be names with values'],
    ['{}', 'issuer is missing'],
    ['<!doctype html><title>Welcome</title>', 'answers no JSON, but <!doctype html>'],
    ['', 'answers no JSON, but nothing'],
    ['{"issuer":7}', 'issuer must be a text'],
  ];
  for (const [text = '', sentence = ''] of wanted) {
    answers.document = text;
    const { code, err } = await login(url, 'client-credentials', '--client-id', 'a');
    expect([code, err], text).toEqual([1, expect.stringContaining(sentence)]);
  }
  const endpoints = { authorization_endpoint: `${url}/authorize`, token_endpoint: `${url}/token` };
  answers.document = JSON.stringify({ issuer: url, ...endpoints });
  for (const text of ['null', '[]', '<html>', '"no"']) {
    answers.token = text;
    const { code, err } = await login(url, 'client-credentials', '--client-id', 'a');
    expect([code, err], text).toEqual([1, expect.stringContaining(`${url}/token answers`)]);
    expect(err).not.toMatch(/undefined|unexpected/);
  }
  answers.token = JSON.stringify({ access_token: 'opaque', token_type: 'Bearer' });
  expect(await login(url, 'client-credentials', '--client-id', 'a')).toMatchObject({ code: 0, err: '' });
  close();
});

it('a server that switches protocols is reported', async () => {
  const port = await freePort();
  const other = createServer().listen(port, '127.0.0.1');
  other.on('upgrade', () => {});
  other.on('connection', (socket) => {
    socket.on('error', () => {});
    socket.write('HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: other\r\n\r\n');
  });
  const { code, err } = await login(`http://127.0.0.1:${port}`, 'client-credentials', '--client-id', 'a');
  other.close();
  other.closeAllConnections();
  expect([code, err]).toEqual([1, expect.stringContaining('it answers 101')]);
});

async function startAnswering() {
  const answers = { document: '', token: '' };
  const port = await freePort();
  const other: Server = createServer((request, response) =>
    response.end(request.url === '/token' ? answers.token : answers.document),
  ).listen(port, '127.0.0.1');
  return { url: `http://127.0.0.1:${port}`, answers, close: () => void other.close() };
}

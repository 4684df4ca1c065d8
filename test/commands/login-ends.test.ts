import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { runCommand } from '../support/command.ts';
import { startServer, type TestServer } from '../support/server.ts';

let server: TestServer;
beforeAll(async () => {
  server = await startServer();
});
afterAll(() => server.stop());

async function rawStatus(port: number, text: string): Promise<string> {
  const socket = connect(port, '127.0.0.1').setEncoding('utf8');
  socket.write(text);
  const [first] = (await once(socket, 'data')) as [string];
  socket.destroy();
  return first;
}

/** Browsers open connections that they may need, and keep them. */
test('login code ends with its answer, whatever other connections there are to its callback', async () => {
  const { client } = await server.client({
    redirect_uris: ['http://127.0.0.1/callback'],
    application_type: 'native',
    token_endpoint_auth_method: 'none',
  });
  let idle: Socket | undefined;
  const answer = async (address: URL) => {
    const callback = new URL(address.searchParams.get('redirect_uri') ?? '');
    idle = connect(Number(callback.port), '127.0.0.1').on('error', () => {});
    await new Promise((resolve) => idle?.once('connect', resolve));
    // Of somebody else on this machine: none of it is what is waited for.
    expect((await fetch(new URL('?code=forged&state=other', callback))).status).toBe(400);
    expect(await rawStatus(Number(callback.port), 'GET // HTTP/1.1\r\nHost: a\r\n\r\n')).toContain(' 404 ');
    const state = address.searchParams.get('state') ?? '';
    callback.search = String(new URLSearchParams({ error: 'access_denied', state, iss: server.issuer }));
    await fetch(callback);
  };
  const words = ['login', 'code', '--issuer', server.issuer, '--client-id', client.client_id];
  const { code, err } = await runCommand(server.directory, 'sqlite:none.db', words, {
    whileRunning: (child) => {
      let printed = '';
      child.stderr?.on('data', async (chunk) => {
        printed += chunk;
        const [address] = idle ? [] : (/http:\/\/localhost\S+code_challenge_method=S256/.exec(printed) ?? []);
        if (address) await answer(new URL(address));
      });
    },
  });
  idle?.destroy();
  expect([code, err]).toEqual([1, expect.stringContaining('access_denied')]);
});

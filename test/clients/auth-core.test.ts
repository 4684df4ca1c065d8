import type { IncomingMessage } from 'node:http';
import { Auth, type AuthConfig } from '@auth/core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { startServer, type TestServer } from '../support/server.ts';
import { newVisitor, startWebApp, type WebApp } from './web-app.ts';

let server: TestServer;
let app: WebApp;
beforeAll(async () => {
  server = await startServer();
  await server.user('alice', { name: 'Alice Adler' });
  app = await startWebApp(makeApp);
});
afterAll(async () => {
  await app.close();
  await server.stop();
});

async function makeApp(origin: string) {
  const { client, client_secret = '' } = await server.client({
    redirect_uris: [`${origin}/auth/callback/gatehouse`],
  });
  const config: AuthConfig = {
    basePath: '/auth',
    trustHost: true,
    secret: 'a long secret of the app, for its cookies',
    providers: [
      {
        id: 'gatehouse',
        name: 'Gatehouse',
        type: 'oidc',
        issuer: server.issuer,
        clientId: client.client_id,
        clientSecret: client_secret,
        authorization: { params: { scope: 'openid profile email' } },
        checks: ['pkce', 'state', 'nonce'],
        client: { id_token_signed_response_alg: 'ES256' },
        idToken: false,
      },
    ],
  };
  return (request: IncomingMessage, response: import('node:http').ServerResponse) => {
    let body = '';
    request.on('data', (chunk) => {
      body += chunk;
    });
    request.once('end', async () => {
      const { method = 'GET', url = '/' } = request;
      const headers = new Headers(
        Object.entries(request.headers).map(([name, value]): [string, string] => [name, String(value)]),
      );
      const answer = await Auth(
        new Request(origin + url, { method, headers, ...(method === 'POST' && { body }) }),
        config,
      );
      for (const cookie of answer.headers.getSetCookie()) response.appendHeader('set-cookie', cookie);
      const location = answer.headers.get('location');
      response.writeHead(answer.status, location === null ? {} : { location });
      response.end(await answer.text());
    });
  };
}

it('@auth/core signs in, reads the person from userinfo and signs out', async () => {
  const visitor = newVisitor(server, app);
  const read = async (path: string) =>
    JSON.parse((await visitor.app.fetch(`${app.origin}/auth${path}`)).body);
  const post = async (path: string) => {
    const body = new URLSearchParams({ csrfToken: (await read('/csrf')).csrfToken, callbackUrl: app.origin });
    return visitor.app.fetch(`${app.origin}/auth${path}`, { method: 'POST', body });
  };
  await visitor.signIn(await post('/signin/gatehouse'));
  expect(await read('/session')).toMatchObject({ user: { name: 'Alice Adler', email: 'alice@example.com' } });
  await post('/signout');
  expect(await read('/session')).toBeNull();
});

import type { IncomingMessage } from 'node:http';
import { Auth, type AuthConfig } from '@auth/core';
import type { JWT } from '@auth/core/jwt';
import type { Account } from '@auth/core/types';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { type Registered, refresh, userinfo } from '../support/flow.ts';
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
  vi.useRealTimers();
  await app.close();
  await server.stop();
});

function heldOf(account: Pick<Account, 'access_token' | 'refresh_token' | 'expires_at' | 'id_token'>) {
  const { access_token, refresh_token, expires_at, id_token } = account;
  return { access_token, refresh_token, expires_at, id_token };
}

/** Its guide on refresh token rotation: the library has no means of its own, and asks the app at every look. */
async function renewed(token: JWT, registered: Registered): Promise<JWT | null> {
  const now = Math.floor(Date.now() / 1000);
  if (now < Number(token.expires_at)) return token;
  const { status, body } = await refresh(server, registered, String(token.refresh_token));
  return status === 200 ? { ...token, ...heldOf({ ...body, expires_at: now + body.expires_in }) } : null;
}

async function makeApp(origin: string) {
  const registered = await server.client({
    redirect_uris: [`${origin}/auth/callback/gatehouse`],
    post_logout_redirect_uris: [`${origin}/bye`],
  });
  const { client, client_secret = '' } = registered;
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
        idToken: false,
      },
    ],
    callbacks: {
      jwt: ({ token, account }) => (account ? { ...token, ...heldOf(account) } : renewed(token, registered)),
      session: ({ session, token }) => Object.assign(session, { held: token }),
      // Without this the person could not be sent to the provider's logout.
      redirect: ({ url, baseUrl }) => (url.startsWith(`${server.issuer}/logout?`) ? url : baseUrl),
    },
  };
  return (request: IncomingMessage, response: import('node:http').ServerResponse) => {
    if (!request.url?.startsWith('/auth/')) return void response.end('home');
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

it('@auth/core signs in, reads the person from userinfo, refreshes and signs out', async () => {
  const visitor = newVisitor(server, app);
  const read = async (path: string) =>
    JSON.parse((await visitor.app.fetch(`${app.origin}/auth${path}`)).body);
  const post = async (path: string, callbackUrl: string) => {
    const body = new URLSearchParams({ csrfToken: (await read('/csrf')).csrfToken, callbackUrl });
    return visitor.app.fetch(`${app.origin}/auth${path}`, { method: 'POST', body });
  };
  await visitor.signIn(await post('/signin/gatehouse', app.origin));
  const { held, user } = await read('/session');
  expect(user).toMatchObject({ name: 'Alice Adler', email: 'alice@example.com' });
  expect((await read('/session')).held.access_token).toBe(held.access_token);
  pass(held.expires_at - Math.floor(Date.now() / 1000));
  const later = (await read('/session')).held;
  expect((await userinfo(server, held.access_token)).status).toBe(401);
  expect((await userinfo(server, later.access_token)).body.email).toBe('alice@example.com');
  const parameters = { id_token_hint: later.id_token, post_logout_redirect_uri: `${app.origin}/bye` };
  const leaving = await post('/signout', `${server.issuer}/logout?${new URLSearchParams(parameters)}`);
  expect((await visitor.provider.fetch(leaving.location ?? '')).location).toBe(`${app.origin}/bye`);
  expect(await read('/session')).toBeNull();
  expect((await userinfo(server, later.access_token)).status).toBe(401);
  const again = await post('/signin/gatehouse', app.origin);
  expect((await visitor.provider.open(again.location ?? '')).body).toContain('name="password"');
});

/** For the app as for the provider, whose clock goes by the same Date. */
function pass(seconds: number): void {
  vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + seconds * 1000 });
}

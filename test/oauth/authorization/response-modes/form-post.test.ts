/** OAuth 2.0 Form Post Response Mode */
import { afterAll, beforeAll, expect, it } from 'vitest';
import { authorizeUrl, newPkce, passPages, publicClient, redeem, requestOf } from '../../../support/flow.ts';
import { startServer, type TestServer } from '../../../support/server.ts';
import { createUserAgent, formOf } from '../../../support/user-agent.ts';

let server: TestServer;

beforeAll(async () => {
  server = await startServer();
  await server.user();
});
afterAll(() => server.stop());

const STATE = `"><script>alert(1)</script>&amp;'ü`;

async function answerWith(more: Record<string, string>) {
  const app = await publicClient(server);
  const agent = createUserAgent(server.issuer);
  const pkce = newPkce();
  const asked = requestOf(app.client, pkce, { response_mode: 'form_post', state: STATE, ...more });
  const page = await passPages(agent, await agent.open(authorizeUrl(server, asked)));
  return { app, agent, pkce, page };
}

it('response_mode=form_post posts the parameters, and puts none of them in an address', async () => {
  const { app, agent, pkce, page } = await answerWith({});
  const posted = await agent.follow(page);
  const { action, fields } = formOf(posted, ['code']);
  expect(action).toBe(app.client.metadata.redirect_uris[0]);
  expect(fields).toEqual({ code: expect.any(String), state: STATE, iss: server.issuer });
  expect(posted.url).not.toContain(fields.code);
  expect(posted.headers.get('cache-control')).toBe('no-store');
  const authorized = { code: fields.code ?? '', pkce, agent, response: new URLSearchParams() };
  expect((await redeem(server, app, authorized)).status).toBe(200);
});

it('Z10 a state is text on the page, whatever it holds', async () => {
  const { agent, page } = await answerWith({});
  const { body } = await agent.follow(page);
  expect(body).not.toContain('<script>alert');
  expect(body).toContain('&lt;script&gt;');
});

it('an error is sent the same way', async () => {
  const { page } = await answerWith({ prompt: 'none' });
  expect(page.location).toBeUndefined();
  expect(formOf(page, ['error']).fields).toMatchObject({ error: 'login_required', state: STATE });
});

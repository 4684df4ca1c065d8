/** Which app asks that a person is signed out: by an ID token of ours, or by its name. RPL §2, §4 */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { setClientDisabled } from '../../../src/oauth/clients/disable-and-enable-client.ts';
import { parseParameters } from '../../../src/oauth/parameters.ts';
import { findAsker, readHint } from '../../../src/oauth/requests/client-of-logout-request.ts';
import { carryHint } from '../../../src/oauth/tokens/shortened-id-token-hint.ts';
import { confidentialClient, type Registered } from '../../support/flow.ts';
import { startServer, type TestServer } from '../../support/server.ts';
import { createUserAgent } from '../../support/user-agent.ts';
import { AFTER, askedBy, expectLink, expectStay, lastRefusal, methods, signInTo } from './logout-requests.ts';

let server: TestServer;
let app: Registered;
let sub: string;

beforeAll(async () => {
  server = await startServer();
  ({ sub } = await server.user());
  app = await confidentialClient(server, { post_logout_redirect_uris: [AFTER] });
});
afterAll(() => server.stop());

const asked = (more?: Record<string, string>) => askedBy(app, more);
const signIn = (as = app) => signInTo(server, as);

describe.each(methods)('O3 client_id and a registered address, by %s', (_method, ask) => {
  it('are a link with a hint that is not from this issuer', async () => {
    const { agent, id_token } = await signIn();
    const [header, payload] = id_token.split('.');
    const id_token_hint = `${header}.${payload}.${'A'.repeat(342)}`;
    const question = await ask(server, agent, asked({ id_token_hint }));
    expectLink(await agent.submit(question, {}), AFTER, 'app.example.com');
    expect((await lastRefusal(server))?.reason).toBe('foreign_id_token_hint');
  });

  it('lead nowhere with the hint of another client', async () => {
    const other = await confidentialClient(server, { post_logout_redirect_uris: [AFTER] });
    const { agent, id_token } = await signIn(other);
    const question = await ask(server, agent, asked({ id_token_hint: id_token }));
    const page = await agent.submit(question, {});
    expect(page.location).toBeUndefined();
    expect(page.body).not.toContain('id="continue"');
    expect(page.body).toContain('id="refused"');
    expect((await lastRefusal(server))?.reason).toBe('hint_of_other_client');
  });
});

describe('O3 A150 where no app asks', () => {
  const cases: [string, () => Promise<Record<string, string>>][] = [
    ['no_client', async () => ({ post_logout_redirect_uri: AFTER })],
    ['unknown_client', async () => asked({ client_id: 'nobody' })],
    ['foreign_id_token_hint', async () => ({ id_token_hint: 'x.y.z', post_logout_redirect_uri: AFTER })],
    [
      'client_disabled',
      async () => {
        const { client_id } = (await confidentialClient(server, { post_logout_redirect_uris: [AFTER] }))
          .client;
        await setClientDisabled(server.gatehouse, client_id, true);
        return asked({ client_id });
      },
    ],
  ];

  it.each(cases)('%s: page, log and audit name the reason', async (reason, parametersOf) => {
    const parameters = await parametersOf();
    const agents = [(await signIn()).agent, createUserAgent(server.issuer)];
    await expectStay(server, { reason, parameters, agents });
  });
});

describe('RPL §2 the app that asks', () => {
  const askerOf = (parameters: Record<string, string>) =>
    findAsker(server.gatehouse, parseParameters(Object.entries(parameters)));

  it('is the one of the ID token, which says whose session it means, named besides or not', async () => {
    const { id_token } = await signIn();
    const { client_id } = app.client;
    for (const more of [{}, { client_id }]) {
      const { client, hint, fault } = await askerOf({ id_token_hint: id_token, ...more });
      expect(client?.client_id).toBe(client_id);
      expect(hint).toEqual({ client_id, sub, sid: expect.any(String) });
      expect(fault).toBeUndefined();
    }
  });

  it('is the one that only names itself, which says nothing of a session', async () => {
    const { client, hint, fault } = await askerOf({ client_id: app.client.client_id });
    expect([client?.client_id, hint, fault]).toEqual([app.client.client_id, undefined, undefined]);
  });

  it('is none where it is disabled, though the ID token is ours', async () => {
    const disabled = await confidentialClient(server);
    const { id_token } = await signIn(disabled);
    await setClientDisabled(server.gatehouse, disabled.client.client_id, true);
    const { client, hint, fault } = await askerOf({ id_token_hint: id_token });
    expect([client, hint, fault?.reason]).toEqual([undefined, undefined, 'client_disabled']);
  });
});

it('RPL §2 a hint is an ID token of ours, or what our own page carries in its place', async () => {
  const { id_token } = await signIn();
  const claims = await readHint(server.gatehouse, id_token);
  expect(claims).toMatchObject({ aud: app.client.client_id });
  if (!claims) throw new Error('no hint');
  const { aud, sub, sid } = claims;
  expect(await readHint(server.gatehouse, carryHint(server.gatehouse, claims))).toEqual({ aud, sub, sid });
  for (const none of [undefined, '', 'x.y.z', `${id_token}x`])
    expect(await readHint(server.gatehouse, none), none).toBeUndefined();
});

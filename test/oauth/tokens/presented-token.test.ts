/** What a token that is shown stands for now, and whether it can be ended. RFC 7662, RFC 7009 §2.1 */
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { setUserDisabled, type User } from '../../../src/identity/users/users.ts';
import { setClientDisabled } from '../../../src/oauth/clients/disable-and-enable-client.ts';
import {
  findAccess,
  findEndableToken,
  findPresentedToken,
} from '../../../src/oauth/tokens/presented-token.ts';
import { revokeGrant } from '../../../src/storage/tables/grants.ts';
import { insertRevokedToken } from '../../../src/storage/tables/revoked-tokens.ts';
import { authorize, CALLBACK, post, type Registered, redeem, refresh } from '../../support/flow.ts';
import { startServer, type TestServer } from '../../support/server.ts';
import { createUserAgent, type UserAgent } from '../../support/user-agent.ts';

let server: TestServer;
let user: User;
let app: Registered;
let agent: UserAgent;
let access: string;
let rotating: string;
beforeAll(async () => {
  server = await startServer();
  server.clock.hold();
  user = await server.user();
  agent = createUserAgent(server.issuer);
  app = await server.client({
    redirect_uris: [CALLBACK],
    grant_types: ['authorization_code', 'refresh_token', 'client_credentials'],
    scope: 'openid offline_access',
    first_party: true,
  });
});
afterAll(() => server.stop());
beforeEach(async () => {
  const more = { scope: 'openid offline_access' };
  const { body } = await redeem(server, app, await authorize(server, app.client, { agent, more }));
  access = body.access_token;
  rotating = body.refresh_token;
});

const kindOf = async (token: string) => (await findPresentedToken(server.gatehouse, token))?.kind;
const endable = async (token: string) => (await findEndableToken(server.gatehouse, token))?.kind;
const all = async () => [
  await kindOf(access),
  await kindOf(rotating),
  await endable(access),
  await endable(rotating),
];
const GOOD = ['access_token', 'refresh_token', 'access_token', 'refresh_token'];
const NONE = [undefined, undefined, undefined, undefined];

it('both kinds are found, with the grant that they hang on', async () => {
  expect(await all()).toEqual(GOOD);
  const found = await findAccess(server.gatehouse, access);
  expect(found).toMatchObject({ claims: { client_id: app.client.client_id }, grant: { sub: user.sub } });
  expect(await findAccess(server.gatehouse, rotating)).toBeUndefined();
});

it('what is no token of ours is none', async () => {
  for (const text of ['', 'eyJ', 'x', `${access}x`, access.slice(0, -4), `${rotating}x`, ` ${rotating}`]) {
    expect(await kindOf(text), text).toBeUndefined();
    expect(await endable(text), text).toBeUndefined();
  }
});

describe('it stands for nothing any more where', () => {
  it('its grant was revoked', async () => {
    const grant = (await findAccess(server.gatehouse, access))?.grant;
    await server.gatehouse.db.write((tx) => revokeGrant(tx, grant?.grant_id ?? '', 1));
    expect(await all()).toEqual(NONE);
  });

  it('it was revoked itself: the grant goes on', async () => {
    const { claims } = (await findAccess(server.gatehouse, access)) ?? { claims: { jti: '', exp: 0 } };
    await server.gatehouse.db.write((tx) => insertRevokedToken(tx, claims.jti, claims.exp * 1000));
    expect(await all()).toEqual([undefined, 'refresh_token', undefined, 'refresh_token']);
  });

  it('its person or its client is switched off', async () => {
    await setUserDisabled(server.gatehouse, user.sub, true);
    expect((await all()).slice(0, 2)).toEqual([undefined, undefined]);
    await setUserDisabled(server.gatehouse, user.sub, false);
    agent = createUserAgent(server.issuer);
    const own = await post(server, '/token', { grant_type: 'client_credentials' }, app);
    expect(await kindOf(own.body.access_token)).toBe('access_token');
    await setClientDisabled(server.gatehouse, app.client.client_id, true);
    expect(await kindOf(own.body.access_token)).toBeUndefined();
    await setClientDisabled(server.gatehouse, app.client.client_id, false);
    // Disabled and enabled, it is another one.
    expect(await kindOf(own.body.access_token)).toBeUndefined();
  });
});

describe('in time', () => {
  it('an access token is over, and can be ended still', async () => {
    server.clock.advance(server.gatehouse.settings.access_token_seconds * 1000 - 1000);
    expect(await kindOf(access)).toBe('access_token');
    server.clock.advance(2000);
    expect([await kindOf(access), await endable(access)]).toEqual([undefined, 'access_token']);
  });

  it('RFC 7009 §2.1 a refresh token that was rotated away is over, and still says which grant is to end', async () => {
    const { body } = await refresh(server, app, rotating);
    expect([await kindOf(rotating), await endable(rotating)]).toEqual([undefined, 'refresh_token']);
    expect(await kindOf(body.refresh_token)).toBe('refresh_token');
  });
});

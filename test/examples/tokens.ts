/** Every kind of token that an API may be shown, of a Gatehouse that runs. */

import { forged, tampered, unsigned } from '../support/altered-tokens.ts';
import { authorize, confidentialClient, post, type Registered, redeem } from '../support/flow.ts';
import type { TestServer } from '../support/server.ts';

export const RESOURCE = 'https://api.example.com';

/** An app of people with the API's scopes. */
export function ordersApp(server: TestServer): Promise<Registered> {
  return confidentialClient(server, { scope: 'openid orders:read orders:write' });
}

/** What the app gets for a person: for the API unless `more` says otherwise. */
export async function tokensOf(
  server: TestServer,
  app: Registered,
  more: Record<string, string> = { resource: RESOURCE, scope: 'openid orders:read' },
) {
  return (await redeem(server, app, await authorize(server, app.client, { more }))).body;
}

/** One whose end is past, though it is good in everything else. */
export async function expiredToken(server: TestServer, app: Registered): Promise<string> {
  server.clock.advance(-600_000);
  const { access_token } = await tokensOf(server, app);
  server.clock.advance(600_000);
  return access_token;
}

export async function revokedToken(server: TestServer, app: Registered): Promise<string> {
  const { access_token } = await tokensOf(server, app);
  await post(server, '/revoke', { token: access_token }, app);
  return access_token;
}

/** A machine with a resource of its own. */
export function otherApi(server: TestServer): Promise<Registered> {
  const resources = ['https://other.example.com'];
  return server.client({ grant_types: ['client_credentials'], scope: 'orders:read', resources });
}

/** None of these may be let through by anybody, though `good` may; by what each is. */
export async function badTokens(
  server: TestServer,
  { app, other, good }: { readonly app: Registered; readonly other: Registered; readonly good: string },
): Promise<Readonly<Record<string, string>>> {
  const forItself = async (more: object) =>
    (await post(server, '/token', { grant_type: 'client_credentials', ...more }, other)).body.access_token;
  const { id_token, refresh_token } = await tokensOf(server, app);
  return {
    garbage: 'nonsense',
    'garbage of three parts': 'a.b.c',
    'long garbage': 'x'.repeat(6000),
    'a JWT of nobody': 'eyJhbGciOiJub25lIn0.eyJzdWIiOiJhIn0.',
    'the good one, signed by somebody else': await forged(good),
    'the good one, unsigned': unsigned(good),
    'the good one with another person': tampered(good),
    'the good one cut short': good.slice(0, -2),
    expired: await expiredToken(server, app),
    'for userinfo': (await tokensOf(server, app, { scope: 'openid orders:read' })).access_token,
    'for another API': await forItself({ resource: other.client.metadata.resources[0] }),
    'of a machine for userinfo': await forItself({}),
    'an ID token': id_token,
    'a refresh token': refresh_token,
  };
}

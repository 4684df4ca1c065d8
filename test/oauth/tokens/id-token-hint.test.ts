/** An ID token that comes back means its person and session, at its client alone. OpenID Connect Core §3.1.2.1 */
import { decodeJwt, decodeProtectedHeader, SignJWT } from 'jose';
import { afterAll, beforeAll, expect, it } from 'vitest';
import {
  hintedSession,
  subjectOfIdToken,
  verifyIdTokenHint,
} from '../../../src/oauth/tokens/id-token-hint.ts';
import { authorize, CALLBACK, type Registered, redeem } from '../../support/flow.ts';
import { ownKey } from '../../support/own-key.ts';
import { startServer, type TestServer } from '../../support/server.ts';
import { createUserAgent } from '../../support/user-agent.ts';

let server: TestServer;
let sub: string;
let idToken: string;
let pairwiseToken: string;
let accessToken: string;
beforeAll(async () => {
  server = await startServer();
  ({ sub } = await server.user());
  const agent = createUserAgent(server.issuer);
  const metadata = { redirect_uris: [CALLBACK], first_party: true };
  const tokensOf = async (app: Registered) =>
    (await redeem(server, app, await authorize(server, app.client, { agent }))).body;
  ({ id_token: idToken, access_token: accessToken } = await tokensOf(await server.client(metadata)));
  pairwiseToken = (await tokensOf(await server.client({ ...metadata, subject_type: 'pairwise' }))).id_token;
});
afterAll(() => server.stop());

const verify = (token: string) => verifyIdTokenHint(server.gatehouse, token);
/** The same token with other claims, signed by our own key. */
async function signedAgain(claims: object, header: object = {}): Promise<string> {
  const { kid, alg = '' } = decodeProtectedHeader(idToken);
  return new SignJWT({ ...decodeJwt(idToken), ...claims })
    .setProtectedHeader({ alg, kid: kid ?? '', typ: 'JWT', ...header })
    .sign(await ownKey(server, idToken));
}

it('is ours where we signed it, expired or not', async () => {
  expect(await verify(idToken)).toMatchObject({ sub });
  server.clock.advance(server.gatehouse.settings.id_token_seconds * 1000 + 1000);
  expect(await verify(idToken)).toMatchObject({ sub });
  expect(await verify(await signedAgain({}))).toMatchObject({ sub });
});

it('A027 an access token, another issuer’s, and what is no ID token in its form are none', async () => {
  expect(await verify(accessToken)).toBeUndefined();
  expect(await verify(await signedAgain({ iss: 'https://other.example' }))).toBeUndefined();
  expect(await verify(await signedAgain({ client_id: 'app' }))).toBeUndefined();
  expect(await verify(await signedAgain({}, { typ: 'at+jwt' }))).toBeUndefined();
  for (const claims of [{ aud: ['a'] }, { sub: 1 }, { sid: 1 }, { amr: 'pwd' }])
    expect(await verify(await signedAgain(claims)), JSON.stringify(claims)).toBeUndefined();
  for (const text of ['', 'x', `${idToken}x`, idToken.slice(1)])
    expect(await verify(text), text).toBeUndefined();
});

it('means the person and the session behind what the client calls them', async () => {
  const { sid } = decodeJwt(idToken);
  const hinted = await hintedSession(server.gatehouse, (await verify(idToken)) ?? { aud: '', sub: '' });
  expect(hinted).toMatchObject({ sub, sid });
  const pairwise = (await verify(pairwiseToken)) ?? { aud: '', sub: '' };
  expect([pairwise.sub === sub, pairwise.sid === sid]).toEqual([false, false]);
  expect(await hintedSession(server.gatehouse, pairwise)).toMatchObject({ sub, sid });
  expect(await subjectOfIdToken(server.gatehouse, pairwiseToken)).toBe(sub);
});

it('means nobody where its client is gone, or could not have got that sub', async () => {
  const claims = (await verify(pairwiseToken)) ?? { aud: '', sub: '' };
  expect(await hintedSession(server.gatehouse, { ...claims, aud: 'unknown' })).toBeUndefined();
  expect(await hintedSession(server.gatehouse, { ...claims, sub })).toBeUndefined();
  expect(await subjectOfIdToken(server.gatehouse, 'x')).toBeUndefined();
});

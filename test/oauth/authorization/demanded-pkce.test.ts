/** Of whom PKCE is demanded, and what is taken for it. RFC 7636 §4.3, §4.4.1, RFC 9700 §2.1.1 */
import { afterAll, beforeAll, expect, it } from 'vitest';
import { confidentialClient, publicClient, type Registered } from '../../support/flow.ts';
import { startServer, type TestServer } from '../../support/server.ts';
import { told } from './rules/asking.ts';

let server: TestServer;
let spa: Registered;
let web: Registered;

beforeAll(async () => {
  server = await startServer();
  spa = await publicClient(server);
  web = await confidentialClient(server);
});
afterAll(() => server.stop());

const CHALLENGE = 'E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM';
const without = { code_challenge: undefined, code_challenge_method: undefined };

it('Z12 is demanded of a public client, whatever its scope, and of a strict profile', async () => {
  expect(await told(server, spa, { ...without, nonce: 'n' })).toBe('missing_code_challenge');
  expect(await told(server, spa, { ...without, scope: 'profile' })).toBe('missing_code_challenge');
  const strict = await confidentialClient(server, { profile: 'oauth2.1' });
  expect(await told(server, strict, without)).toBe('missing_code_challenge');
  expect(await told(server, strict)).toBe('ok');
});

it('Z12 may be left out by a confidential client that asks for openid, and by no other', async () => {
  expect(await told(server, web, without)).toBe('ok');
  expect(await told(server, web, { ...without, scope: 'profile' })).toBe('missing_code_challenge');
});

it('Z12 is settled for one client by require_pkce', async () => {
  const always = await confidentialClient(server, { require_pkce: true });
  expect(await told(server, always, without)).toBe('missing_code_challenge');
  const never = await confidentialClient(server, { require_pkce: false });
  expect(await told(server, never, { ...without, scope: 'profile' })).toBe('ok');
});

it('Z13 A020 is S256: no other method, no absent one, and no method without a challenge', async () => {
  for (const method of ['plain', 's256', 'S256 ', 'S512', undefined])
    for (const app of [spa, web])
      expect(await told(server, app, { code_challenge_method: method }), method).toBe(
        'wrong_code_challenge_method',
      );
  expect(await told(server, web, { code_challenge: undefined })).toBe('missing_code_challenge');
});

it('Z14 is a challenge of 43 characters of base64url', async () => {
  expect(await told(server, spa, { code_challenge: CHALLENGE })).toBe('ok');
  for (const code_challenge of [
    CHALLENGE.slice(1),
    `${CHALLENGE}x`,
    `${CHALLENGE.slice(1)}+`,
    `${CHALLENGE.slice(1)}=`,
  ])
    for (const app of [spa, web])
      expect(await told(server, app, { code_challenge }), code_challenge).toBe('malformed_code_challenge');
});

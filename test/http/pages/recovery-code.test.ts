/** Recovery codes, as people meet them who do not have their authenticator app. */
import { decodeJwt } from 'jose';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { codeOf, nextStep, recoveryCodesOn, userWithApp } from '../../support/authenticator.ts';
import {
  auditEvents,
  authorizeUrl,
  confidentialClient,
  newPkce,
  passPages,
  redeem,
  requestOf,
} from '../../support/flow.ts';
import { PASSWORD, startServer, type TestServer } from '../../support/server.ts';
import { createUserAgent, type Page } from '../../support/user-agent.ts';

let server: TestServer;
beforeAll(async () => {
  server = await startServer();
});
afterAll(() => server.stop());

const at = (path: string) => server.issuer + path;
const pathOf = ({ url }: Page) => new URL(url).pathname;

/** A user with an app and new codes, which were shown once. */
async function userWithCodes(username: string) {
  const made = await userWithApp(server, username);
  const shown = await made.agent.submit(await made.agent.open(at('/account/recovery-codes')), {});
  return { ...made, shown, codes: recoveryCodesOn(shown) };
}

/** The link on the page by which a user says that they have another factor at hand. */
function linkTo(step: string, { body }: Page): string {
  const [, href = ''] = new RegExp(`href="(/${step}[^"]*)"`).exec(body) ?? [];
  return at(href.replaceAll('&amp;', '&'));
}

it('L15 ten are shown once, as text without a form, and never again', async () => {
  const { agent, shown, codes } = await userWithCodes('ana');
  expect(new Set(codes).size).toBe(10);
  expect(shown.headers.get('cache-control')).toBe('no-store');
  const page = await agent.open(at('/account/recovery-codes'));
  expect(page.body).toContain('10 codes are left.');
  expect(recoveryCodesOn(page)).toEqual([]);
  for (const code of codes) expect(page.body).not.toContain(code);
});

it('L15 from the page of the app a link leads to them, which an authorization survives; acr and amr say what happened', async () => {
  const { codes } = await userWithCodes('eva');
  const agent = createUserAgent(server.issuer);
  const app = await confidentialClient(server);
  const pkce = newPkce();
  const claims = JSON.stringify({
    id_token: { acr: { essential: true, value: 'urn:gatehouse:acr:mfa' } },
  });
  const login = await agent.open(authorizeUrl(server, requestOf(app.client, pkce, { claims })));
  const totp = await agent.submit(login, { username: 'eva', password: PASSWORD });
  expect(pathOf(totp)).toBe('/totp');
  const page = await agent.open(linkTo('recovery-code', totp));
  expect([pathOf(page), page.body]).toEqual([
    '/recovery-code',
    expect.stringContaining('10 codes are left.'),
  ]);
  expect(pathOf(await agent.open(linkTo('totp', page)))).toBe('/totp');
  const wrong = await agent.submit(page, { code: '0000-0000-0000-0000-0000-0000' });
  expect(wrong.body).toContain('id="problem"');
  const answered = await passPages(agent, await agent.submit(wrong, { code: codes[0] ?? '' }));
  const response = new URL(answered.location ?? '').searchParams;
  const { body } = await redeem(server, app, { code: response.get('code') ?? '', pkce, agent, response });
  expect(decodeJwt(body.id_token)).toMatchObject({
    acr: 'urn:gatehouse:acr:mfa',
    amr: ['pwd', 'urn:gatehouse:amr:recovery_code'],
  });
});

it('L19 who lost the phone signs in by a code, and sets up another app with it', async () => {
  const { codes } = await userWithCodes('zoe');
  const agent = createUserAgent(server.issuer);
  const login = await agent.open(at('/account/totp'));
  const totp = await agent.submit(login, { username: 'zoe', password: PASSWORD });
  const page = await agent.open(linkTo('recovery-code', totp));
  const account = await agent.submit(page, { code: codes[1] ?? '' });
  expect(pathOf(account)).toBe('/account/totp');
  expect((await agent.submit(account, { act: 'begin' })).body).toContain('id="key"');
  const signedIn = (await auditEvents(server)).filter(({ type }) => type === 'login.succeeded');
  expect(signedIn.map(({ details }) => details)).toContainEqual({ factor: 'recovery_code' });
});

it('the page of the app offers no recovery code to whom has none', async () => {
  const { sub, seed } = await userWithApp(server, 'max');
  await server.gatehouse.db.write((tx) => tx.run('DELETE FROM recovery_codes WHERE sub = $1', sub));
  nextStep(server);
  const agent = createUserAgent(server.issuer);
  const page = await agent.submit(await agent.open(at('/login')), { username: 'max', password: PASSWORD });
  expect(page.body).not.toContain('/recovery-code');
  expect(pathOf(await agent.submit(page, { code: codeOf(server, seed) }))).toBe('/account');
});

it('who has no second factor is told to set one up first', async () => {
  await server.user('bob');
  const agent = createUserAgent(server.issuer);
  await agent.submit(await agent.open(at('/login')), { username: 'bob', password: PASSWORD });
  const page = await agent.open(at('/account/recovery-codes'));
  expect(page.body).toContain('href="/account/totp"');
  expect(page.body).not.toContain('id="renew"');
});

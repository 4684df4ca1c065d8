/** How strong and how recent a sign-in must be. RFC 9470; OpenID Connect Core §5.5.1.1 */
import { decodeJwt } from 'jose';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { type AssuranceLevel, assuranceLevels } from '../../../src/identity/assurance.ts';
import {
  authorizeUrl,
  confidentialClient,
  newPkce,
  passPages,
  post,
  type Registered,
  redeem,
  refresh,
  requestOf,
} from '../../support/flow.ts';
import { startServer, type TestServer } from '../../support/server.ts';
import { createUserAgent, type Page, type UserAgent } from '../../support/user-agent.ts';

const PWD = 'urn:gatehouse:acr:pwd';
const TOY = 'urn:example:acr:toy';

let server: TestServer;
let app: Registered;
let books: Registered;

beforeAll(async () => {
  server = await startServer();
  await server.user();
  app = await confidentialClient(server);
  books = await server.client({
    grant_types: ['client_credentials'],
    resources: ['https://books.example.com'],
  });
});
afterAll(() => server.stop());

const pkce = newPkce();

function ask(agent: UserAgent, more: Record<string, string> = {}): Promise<Page> {
  return agent.open(authorizeUrl(server, requestOf(app.client, pkce, more)));
}

const essential = (acr: object) => ({
  claims: JSON.stringify({ id_token: { acr: { essential: true, ...acr } } }),
});
const wish = (acr: object | null) => ({ claims: JSON.stringify({ id_token: { acr } }) });

const response = (page: Page) => new URL(page.location ?? 'none:').searchParams;
const errorOf = (page: Page) => response(page).get('error');

async function tokensOf(page: Page, agent: UserAgent) {
  expect(errorOf(page), page.body).toBeNull();
  const parameters = response(page);
  const authorized = { code: parameters.get('code') ?? '', pkce, agent, response: parameters };
  return (await redeem(server, app, authorized)).body as Record<string, string>;
}

async function acrOf(page: Page, agent: UserAgent): Promise<unknown> {
  return decodeJwt((await tokensOf(page, agent)).id_token ?? '').acr;
}

async function signedIn(): Promise<UserAgent> {
  const agent = createUserAgent(server.issuer);
  await passPages(agent, await ask(agent));
  server.clock.advance(1000);
  return agent;
}

describe('what a password reaches', () => {
  it('M11 discovery lists what can be reached, and nothing else', async () => {
    const answer = await fetch(`${server.issuer}/.well-known/openid-configuration`);
    const document = (await answer.json()) as Record<string, string[]>;
    expect(document.acr_values_supported).toEqual(assuranceLevels.map(({ acr }) => acr));
    expect(document.acr_values_supported?.[0]).toBe(PWD);
    expect(document.claims_supported).toContain('acr');
    expect(document.prompt_values_supported).toEqual(['none', 'login', 'consent', 'select_account']);
    expect(document.display_values_supported).toContain('page');
  });

  it('T17 acr and auth_time are in the ID token, the access token, introspection, and stay at a refresh', async () => {
    const agent = await signedIn();
    const page = await passPages(agent, await ask(agent, { resource: 'https://books.example.com' }));
    const tokens = await tokensOf(page, agent);
    const { auth_time } = decodeJwt(tokens.id_token ?? '');
    expect(decodeJwt(tokens.id_token ?? '').acr).toBe(PWD);
    expect(decodeJwt(tokens.access_token ?? '')).toMatchObject({ acr: PWD, auth_time });
    const { body } = await post(server, '/introspect', { token: tokens.access_token ?? '' }, books);
    expect(body).toMatchObject({ active: true, acr: PWD, auth_time });
    server.clock.advance(60_000);
    const again = (await refresh(server, app, tokens.refresh_token ?? '')).body;
    expect(decodeJwt(again.access_token)).toMatchObject({ acr: PWD, auth_time });
    expect(decodeJwt(again.id_token)).toMatchObject({ acr: PWD, auth_time });
  });

  it('a client for itself has no acr', async () => {
    const { body } = await post(server, '/token', { grant_type: 'client_credentials' }, books);
    expect(decodeJwt(body.access_token)).not.toHaveProperty('acr');
  });
});

describe('acr_values, and acr that is not essential', () => {
  it('Z22 Z27 a voluntary acr that cannot be reached is no error: the answer has the best level that was reached', async () => {
    const agent = await signedIn();
    for (const more of [
      { acr_values: 'urn:mace:incommon:iap:silver' },
      { acr_values: `phr ${PWD}` },
      wish({ value: 'phr' }),
      wish({ values: ['phr', 'phrh'] }),
      wish(null),
    ] as Record<string, string>[]) {
      expect(await acrOf(await ask(agent, more), agent)).toBe(PWD);
      expect(await acrOf(await ask(agent, { ...more, prompt: 'none' }), agent)).toBe(PWD);
    }
  });
});

describe('an essential acr', () => {
  it('Z22 that the session reached is answered at once, with one of the values', async () => {
    const agent = await signedIn();
    for (const acr of [{}, { value: PWD }, { values: ['phr', PWD] }]) {
      expect(await acrOf(await ask(agent, essential(acr)), agent)).toBe(PWD);
    }
  });

  it('Z22 that no user can reach is unmet_authentication_requirements, before a password is asked for', async () => {
    const agent = await signedIn();
    for (const acr of [{ value: 'phr' }, { values: ['phr', 'phrh'] }]) {
      for (const browser of [agent, createUserAgent(server.issuer)]) {
        expect(errorOf(await ask(browser, { ...essential(acr), state: 's' }))).toBe(
          'unmet_authentication_requirements',
        );
        expect(errorOf(await ask(browser, { ...essential(acr), prompt: 'none' }))).toBe(
          'unmet_authentication_requirements',
        );
      }
    }
  });

  it('Z22 has precedence over acr_values', async () => {
    const agent = await signedIn();
    const more = { ...essential({ value: 'phr' }), acr_values: PWD };
    expect(errorOf(await ask(agent, more))).toBe('unmet_authentication_requirements');
    // Without values of its own, acr_values says which.
    const page = await ask(agent, { ...essential({}), acr_values: 'phr' });
    expect(errorOf(page)).toBe('unmet_authentication_requirements');
  });

  it('Z28 a malformed one is invalid_request', async () => {
    const agent = await signedIn();
    for (const acr of [{ value: 1 }, { values: PWD }, { values: [] }, { values: [null] }]) {
      expect(errorOf(await ask(agent, essential(acr)))).toBe('invalid_request');
    }
    const page = await ask(agent, { claims: JSON.stringify({ id_token: { acr: 'x' } }) });
    expect(errorOf(page)).toBe('invalid_request');
    expect(errorOf(await ask(agent, { claims: JSON.stringify({ id_token: {} }) }))).toBeNull();
  });
});

describe('one level more', () => {
  const toy: AssuranceLevel = {
    acr: TOY,
    amr: [
      ['pwd', 'toy'],
      ['toy', 'hwk'],
    ],
  };
  beforeAll(() => void (assuranceLevels as AssuranceLevel[]).push(toy));
  afterAll(() => void (assuranceLevels as AssuranceLevel[]).pop());
  afterEach(() => setMethods(['pwd']));

  /** As a second factor would leave it. */
  async function setMethods(amr: string[]): Promise<void> {
    await server.gatehouse.db.write((tx) => tx.run('UPDATE sessions SET amr = $1', JSON.stringify(amr)));
  }

  it('discovery follows', async () => {
    const other = await startServer();
    const answer = await fetch(`${other.issuer}/.well-known/openid-configuration`);
    const levels = ((await answer.json()) as Record<string, unknown>).acr_values_supported;
    expect(levels).toEqual(assuranceLevels.map(({ acr }) => acr));
    expect(levels).toContain(TOY);
    await other.stop();
  });

  it('A062 Z22 a session that is too weak signs in again, and what is still too weak gets no token', async () => {
    const agent = await signedIn();
    const page = await ask(agent, { ...essential({ value: TOY }), state: 's' });
    expect(page.body).toContain('name="password"');
    const resumed = await agent.open(page.url.replace('/login', '/authorize/resume'));
    expect(resumed.body).toContain('name="password"');
    const answered = await passPages(agent, resumed);
    expect([errorOf(answered), response(answered).get('code'), response(answered).get('state')]).toEqual([
      'unmet_authentication_requirements',
      null,
      's',
    ]);
    expect(errorOf(await ask(agent, { ...essential({ value: TOY }), prompt: 'none' }))).toBe(
      'login_required',
    );
  });

  it('M11 default_acr_values are asked for where the request names none', async () => {
    const registered = await confidentialClient(server, { default_acr_values: [TOY] });
    const agent = await signedIn();
    const open = (more: Record<string, string>) =>
      agent.open(authorizeUrl(server, requestOf(registered.client, pkce, more)));
    expect((await open({})).body).toContain('name="password"');
    expect((await open({ acr_values: PWD })).body).not.toContain('name="password"');
  });

  it('Z22 is the same after one sign-in where no user was signed in', async () => {
    const agent = createUserAgent(server.issuer);
    const answered = await passPages(agent, await ask(agent, essential({ value: TOY })));
    expect(errorOf(answered)).toBe('unmet_authentication_requirements');
  });

  it('a voluntary request for it asks for one sign-in, none with prompt=none, and is no error', async () => {
    const agent = await signedIn();
    expect(await acrOf(await ask(agent, { acr_values: TOY, prompt: 'none' }), agent)).toBe(PWD);
    const page = await ask(agent, { acr_values: TOY });
    expect(page.body).toContain('name="password"');
    expect(await acrOf(await passPages(agent, page), agent)).toBe(PWD);
    expect(await acrOf(await ask(agent, { acr_values: `${TOY} ${PWD}` }), agent)).toBe(PWD);
  });

  it('a user who reached it has reached weaker levels too, and the answer has the name that was asked for', async () => {
    const agent = await signedIn();
    await setMethods(['toy', 'hwk']);
    expect(await acrOf(await ask(agent), agent)).toBe(TOY);
    expect(await acrOf(await ask(agent, essential({ value: TOY })), agent)).toBe(TOY);
    expect(await acrOf(await ask(agent, essential({ value: PWD })), agent)).toBe(PWD);
    expect(await acrOf(await ask(agent, { acr_values: `phr ${PWD} ${TOY}` }), agent)).toBe(PWD);
  });

  it('a part of its methods is not enough', async () => {
    const agent = await signedIn();
    await setMethods(['toy']);
    const page = await ask(agent, essential({}));
    expect(page.body).toContain('name="password"');
    expect(errorOf(await ask(agent, { ...essential({ value: TOY }), prompt: 'none' }))).toBe(
      'login_required',
    );
  });
});

it('a sign-in that a server of the previous version began continues here', async () => {
  const agent = createUserAgent(server.issuer);
  const page = await ask(agent, { acr_values: PWD });
  const interaction = new URL(page.url).searchParams.get('interaction') ?? '';
  const row = await server.gatehouse.db.get<{ request: string }>(
    'SELECT request FROM interactions WHERE interaction_id = $1',
    interaction,
  );
  const { acr: _, ...before } = JSON.parse(row?.request ?? '');
  await server.gatehouse.db.write((tx) =>
    tx.run(
      'UPDATE interactions SET request = $2 WHERE interaction_id = $1',
      interaction,
      JSON.stringify(before),
    ),
  );
  expect(await acrOf(await passPages(agent, page), agent)).toBe(PWD);
});

describe('recency', () => {
  it('A062 Z20 max_age of a resource server’s challenge leads to a sign-in, and the new token has its time', async () => {
    const agent = await signedIn();
    const before = await tokensOf(await ask(agent), agent);
    server.clock.advance(300_000);
    const more = { max_age: '60', acr_values: PWD };
    expect(errorOf(await ask(agent, { ...more, prompt: 'none' }))).toBe('login_required');
    const after = await tokensOf(await passPages(agent, await ask(agent, more)), agent);
    const time = (tokens: Record<string, string>) => Number(decodeJwt(tokens.access_token ?? '').auth_time);
    expect(time(after)).toBeGreaterThanOrEqual(time(before) + 300);
    // What was issued before does not become younger.
    const refreshed = (await refresh(server, app, before.refresh_token ?? '')).body;
    expect(time(refreshed)).toBe(time(before));
  });
});

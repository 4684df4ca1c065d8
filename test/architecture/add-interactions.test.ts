/** CONTRIBUTING as a test, for what a person is asked: a purpose, a factor and its step, a page that needs more than a session. */
import { decodeJwt } from 'jose';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { NOT_LINKED, NOTHING_MORE, signedInPage } from '../../src/http/pages/account/make-signed-in-page.ts';
import { ownQuery } from '../../src/http/pages/declared-query-parameters.ts';
import { pages } from '../../src/http/pages/index.ts';
import { secondFactorPage } from '../../src/http/pages/make-second-factor-page.ts';
import { takeNotice } from '../../src/http/pages/notice-cookie.ts';
import type { Page } from '../../src/http/pages/page.ts';
import { openToEverybody } from '../../src/http/pages/who-may-open-page.ts';
import { type AssuranceLevel, assuranceLevels } from '../../src/identity/assurance.ts';
import { accountPolicy } from '../../src/identity/attempts/throttle-policies.ts';
import type { Factor, SecondFactor } from '../../src/identity/factors/factor.ts';
import { factors } from '../../src/identity/factors/index.ts';
import { personProven } from '../../src/identity/proof-user-was-authenticated.ts';
import { newIdentifier } from '../../src/lib/time-ordered-ids-and-secrets.ts';
import { accessTo } from '../../src/oauth/access/access-set-operations.ts';
import {
  type AskedRequest,
  NOTHING_ASKED,
} from '../../src/oauth/authorization/authorization-request-types.ts';
import { confirm } from '../../src/oauth/authorization/confirm-in-transaction.ts';
import { createGrant } from '../../src/oauth/authorization/create-grant.ts';
import { storeInteraction } from '../../src/oauth/authorization/interaction.ts';
import { purposes } from '../../src/oauth/authorization/purposes/index.ts';
import { definePurpose, type Purpose } from '../../src/oauth/authorization/purposes/purpose.ts';
import { steps } from '../../src/oauth/authorization/steps/index.ts';
import { stepOfFactor } from '../../src/oauth/authorization/steps/second-factor-steps.ts';
import type { Step } from '../../src/oauth/authorization/steps/step.ts';
import { jsonOfAsked, readAsked } from '../../src/oauth/authorization/stored-asked.ts';
import { authorizeUrl, confidentialClient, newPkce, passPages, redeem, requestOf } from '../support/flow.ts';
import { PASSWORD, startServer, type TestServer } from '../support/server.ts';
import { createUserAgent, type Page as Shown, type UserAgent } from '../support/user-agent.ts';

const TOY = 'urn:example:acr:toy';
const SOURCE = { address: '192.0.2.1', userAgent: '', requestId: 'toy' };
const toyLevel: AssuranceLevel = { acr: TOY, amr: [['pwd', 'toy']] };

const enrolled = new Set<string>();
const toyFactor: SecondFactor<object, object> = {
  name: 'toy',
  amr: ['toy'],
  step: 'toy-factor',
  comes: 'second',
  guesses: accountPolicy,
  isEnrolled: async (_db, sub) => enrolled.has(sub),
  look: async () => ({}),
  confirm: async (_context, _tx, sub) => personProven(sub, ['toy']),
};

/** Its view is that of another page, whose form leads elsewhere. */
const toyFactorPage = secondFactorPage(toyFactor, { view: 'login', read: () => ({}) });
const prove = (agent: UserAgent, page: Shown) =>
  agent.submit({ ...page, body: page.body.replace('/login"', '/toy-factor"') }, {});

const freshPage = signedInPage('/account/toy', {
  linkedAs: NOT_LINKED,
  query: ['after'],
  needs: { maxAgeSeconds: 60 },
  needsForSubmit: NOTHING_MORE,
  show: async ({ reply, tools, request }) => reply.send(`fresh ${ownQuery(tools, request).after ?? ''}`),
  submit: async ({ reply }) => reply.send('done'),
});
const strongPage = signedInPage('/account/strong', {
  linkedAs: NOT_LINKED,
  needs: { acr: [TOY] },
  show: async ({ reply }) => reply.send('strong'),
});

/** Its view is that of another page, whose form leads elsewhere. */
const freshFormPage = signedInPage('/account/fresh-form', {
  linkedAs: NOT_LINKED,
  query: ['after'],
  needsForSubmit: { maxAgeSeconds: 60 },
  show: async ({ show }) => show('account/everywhere', { apps: [] }),
  submit: async ({ reply }) => reply.send('done'),
});

const ALLOWED = 'toy-allowed';
const DENIED = 'toy-denied';

/** Where the purpose ends; it shows what the purpose left for it. */
const endPage = (path: string, notice: string) =>
  openToEverybody({
    path,
    notices: [notice],
    show: async (tools, request, reply) => reply.send(takeNotice(tools, request, reply) ?? 'no notice'),
  });

/** An app is given access without a code: whoever waits for it finds the grant. */
const toyPurpose = definePurpose<AskedRequest>({
  name: 'toy',
  write: ({ asked }) => JSON.stringify(jsonOfAsked(asked)),
  read: (text) => ({ request: { asked: readAsked(JSON.parse(text)) }, metadata_hash: undefined }),
  complete: ({ context, situation, interactionId }) =>
    context.db.write(async (tx) => {
      const { session, client } = situation;
      if (!session || !client) throw new Error('somebody and an app');
      const confirmed = await confirm(context, tx, { ...situation, session, client }, interactionId);
      if (!confirmed) return undefined;
      const grant_id = newIdentifier(context.clock, context.random);
      await createGrant(context, tx, confirmed, { grant_id, code_binding: null });
      return { kind: 'own_page', path: '/toy-allowed', notice: ALLOWED };
    }),
  denied: () => ({ kind: 'own_page', path: '/toy-denied', notice: DENIED }),
  outOfReach: () => ({ kind: 'own_page', path: '/toy-too-weak' }),
  otherUser: () => ({ kind: 'own_page', path: '/toy-somebody-else' }),
  silent: () => ({ kind: 'own_page', path: '/toy-silent' }),
});

let server: TestServer;
beforeAll(async () => {
  (assuranceLevels as AssuranceLevel[]).push(toyLevel);
  (factors as Factor[]).push(toyFactor);
  // The table of steps was made of the factors that there were before.
  (steps as Step[]).splice(2, 0, stepOfFactor(toyFactor));
  (purposes as Purpose[]).push(toyPurpose);
  (pages as Page[]).push(toyFactorPage, freshPage, strongPage, freshFormPage);
  (pages as Page[]).push(endPage('/toy-allowed', ALLOWED), endPage('/toy-denied', DENIED));
  server = await startServer();
  await server.user('weak');
  await server.user('weary');
  enrolled.add((await server.user('strong')).sub);
});
afterAll(() => server.stop());

const newAgent = () => createUserAgent(server.issuer);
const at = (path: string) => server.issuer + path;
const pathOf = ({ url }: Shown) => url.slice(server.issuer.length);

async function signedInAs(username: string): Promise<UserAgent> {
  const agent = newAgent();
  await passPages(agent, await agent.open(at('/login')), username);
  return agent;
}

/** Somebody who signed in by a password alone, and has the factor since. */
async function signedInBefore(username: string): Promise<UserAgent> {
  const { sub } = await server.user(username);
  const agent = await signedInAs(username);
  enrolled.add(sub);
  return agent;
}

describe('one row more: a factor and its step', () => {
  const claims = JSON.stringify({ id_token: { acr: { essential: true, value: TOY } } });
  const ask = async (agent: UserAgent, more: Record<string, string> = { claims }) => {
    const app = await confidentialClient(server);
    const pkce = newPkce();
    return { app, pkce, page: await agent.open(authorizeUrl(server, requestOf(app.client, pkce, more))) };
  };
  const errorOf = (page: Shown) => new URL(page.location ?? 'none:').searchParams.get('error');

  it('an essential acr leads to it after the first factor, and to a code with that acr', async () => {
    const agent = newAgent();
    const { app, pkce, page } = await ask(agent);
    const second = await agent.submit(page, { username: 'strong', password: PASSWORD });
    expect(pathOf(second)).toContain('/toy-factor?interaction=');
    const answered = await passPages(agent, await prove(agent, second));
    const response = new URL(answered.location ?? '').searchParams;
    const authorized = { code: response.get('code') ?? '', pkce, agent, response };
    const { id_token } = (await redeem(server, app, authorized)).body;
    expect(decodeJwt(id_token)).toMatchObject({ acr: TOY, amr: ['pwd', 'toy'] });
  });

  it('a user with a session is asked only for it, and prompt=none is login_required', async () => {
    const agent = await signedInBefore('early');
    const signedInBy = server.clock.nowMs() / 1000;
    expect(errorOf((await ask(agent, { claims, prompt: 'none' })).page)).toBe('login_required');
    const { app, pkce, page } = await ask(agent);
    expect(pathOf(page)).toContain('/toy-factor?interaction=');
    server.clock.advance(5000);
    const answered = await passPages(agent, await prove(agent, page));
    const response = new URL(answered.location ?? '').searchParams;
    const authorized = { code: response.get('code') ?? '', pkce, agent, response };
    const { amr, auth_time } = decodeJwt((await redeem(server, app, authorized)).body.id_token);
    expect(amr).toEqual(['pwd', 'toy']);
    // The sign-in was before: only the second factor is new.
    expect(auth_time).toBeLessThanOrEqual(signedInBy);
  });

  it('it is not a sign-in: prompt=login still asks for the password', async () => {
    const agent = await signedInBefore('eager');
    const { page } = await ask(agent, { claims, prompt: 'login' });
    expect(pathOf(page)).toContain('/login?interaction=');
  });

  it('a user without the factor gets the same error as before', async () => {
    const agent = newAgent();
    const answered = await passPages(agent, (await ask(agent)).page, 'weak');
    expect(errorOf(answered)).toBe('unmet_authentication_requirements');
  });
});

describe('one row more: a page that needs more than a session', () => {
  it('a fresh sign-in: only a user who signed in too long ago is sent to sign in, and comes back', async () => {
    const agent = await signedInAs('weak');
    expect((await agent.open(at('/account/toy'))).body).toBe('fresh ');
    server.clock.advance(61_000);
    const asked = await agent.open(at('/account/toy?after=9&other=1'));
    expect(pathOf(asked)).toContain('/login?interaction=');
    expect(asked.body).toContain('value="weak"');
    const back = await passPages(agent, asked, 'weak');
    expect([pathOf(back), back.body]).toEqual(['/account/toy?after=9', 'fresh 9']);
  });

  it('a user without a session takes the same path, and a form that is too old changes nothing', async () => {
    const agent = newAgent();
    const back = await passPages(agent, await agent.open(at('/account/toy')), 'weak');
    expect(pathOf(back)).toBe('/account/toy');
    server.clock.advance(61_000);
    const foreign = await agent.fetch(at('/account/toy'), { method: 'POST', body: new URLSearchParams() });
    expect(foreign.status).toBe(403);
  });

  it('its form alone needs a fresh sign-in: who comes back reads once that nothing was done', async () => {
    const path = '/account/fresh-form';
    const agent = await signedInAs('weary');
    server.clock.advance(61_000);
    const submit = (page: Shown) =>
      agent.submit({ ...page, body: page.body.replace('/account/sign-out-everywhere"', `${path}"`) }, {});
    const page = await agent.open(at(path));
    expect(pathOf(page)).toBe(path);
    const asked = await submit(page);
    expect(pathOf(asked)).toContain('/login?interaction=');
    const back = await passPages(agent, asked, 'weary');
    expect([pathOf(back), back.body]).toEqual([path, expect.stringContaining('Nothing was changed')]);
    expect((await agent.open(at(path))).body).not.toContain('Nothing was changed');
    expect((await submit(back)).body).toBe('done');
  });

  it('who comes back after a form is at the same place of a list, by fields that the page declares as its query', async () => {
    const path = '/account/fresh-form';
    const agent = await signedInAs('weary');
    for (const [after, kept] of [
      ['1.a', `${path}?after=1.a`],
      ['x'.repeat(2000), path],
    ] as const) {
      server.clock.advance(61_000);
      const page = await agent.open(at(path));
      const fields = `<input type="hidden" name="after" value="${after}"><input type="hidden" name="sid" value="b">`;
      const form = `action="${path}">${fields}`;
      const body = page.body.replace('action="/account/sign-out-everywhere">', form);
      const back = await passPages(agent, await agent.submit({ ...page, body }, {}), 'weary');
      expect(pathOf(back)).toBe(kept);
    }
  });

  it('a factor: its step, and back; a user without it is refused', async () => {
    const agent = await signedInBefore('erin');
    const step = await agent.open(at('/account/strong'));
    expect(pathOf(step)).toContain('/toy-factor?interaction=');
    const back = await prove(agent, step);
    expect([pathOf(back), back.body]).toEqual(['/account/strong', 'strong']);
    const other = await signedInAs('weak');
    const refused = await passPages(other, await other.open(at('/account/strong')), 'weak');
    expect([refused.status, refused.body]).toEqual([403, expect.stringContaining('unmet_authentication')]);
  });
});

describe('one row more: a purpose', () => {
  async function begin(username: string): Promise<{ agent: UserAgent; page: Shown }> {
    const { client } = await confidentialClient(server);
    const request = { asked: { ...NOTHING_ASKED, access: accessTo({ scope: ['openid'] }) } };
    const wanted = { purpose: toyPurpose, request, client };
    const stored = { browser: undefined, source: SOURCE };
    const interaction = await storeInteraction(server.gatehouse, wanted, stored);
    const agent = newAgent();
    const login = await agent.open(at(`/authorize/resume?interaction=${interaction}`));
    return { agent, page: await agent.submit(login, { username, password: PASSWORD }) };
  }
  const grants = () => server.gatehouse.db.all('SELECT grant_id FROM grants WHERE code_binding IS NULL');

  it('uses the same pages, is completed as its row says, and leaves a notice for the page where it ends', async () => {
    const allowed = await begin('weak');
    expect(allowed.page.body).toContain('id="allow"');
    const end = await allowed.agent.submit(allowed.page, { decision: 'allow' });
    expect([pathOf(end), end.body]).toEqual(['/toy-allowed', ALLOWED]);
    expect((await allowed.agent.open(at('/toy-allowed'))).body).toBe('no notice');
    expect(await grants()).toHaveLength(1);
    const denied = await begin('weary');
    const no = await denied.agent.submit(denied.page, { decision: 'deny' });
    expect([pathOf(no), no.body]).toEqual(['/toy-denied', DENIED]);
    expect(await grants()).toHaveLength(1);
  });
});

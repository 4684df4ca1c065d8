/** CONTRIBUTING as a test: what follows by itself when one row is added to a table. */
import { isDeepStrictEqual } from 'node:util';
import { decodeJwt } from 'jose';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { pages } from '../../src/http/pages/index.ts';
import { secondFactorPage } from '../../src/http/pages/make-second-factor-page.ts';
import type { Page } from '../../src/http/pages/page.ts';
import { accountPolicy } from '../../src/identity/attempts/throttle-policies.ts';
import type { Factor, SecondFactor } from '../../src/identity/factors/factor.ts';
import { factors } from '../../src/identity/factors/index.ts';
import { unproven as noPerson, personProven } from '../../src/identity/proof-user-was-authenticated.ts';
import { listLiveSessions } from '../../src/identity/sessions/find-live-sessions.ts';
import { isRefusal, PASSED, refuse } from '../../src/lib/outcome.ts';
import { describeAccess } from '../../src/oauth/access/describe-access-for-operators.ts';
import type { Access } from '../../src/oauth/access/members/access-of-all-members.ts';
import { accessMembers } from '../../src/oauth/access/members/index.ts';
import { defineMember } from '../../src/oauth/access/members/member.ts';
import { parseAccess } from '../../src/oauth/access/stored-access.ts';
import { checkRules } from '../../src/oauth/authorization/rules/check-rules.ts';
import { rules } from '../../src/oauth/authorization/rules/index.ts';
import { type Findings, foundAsked, type Rule } from '../../src/oauth/authorization/rules/rule.ts';
import { steps } from '../../src/oauth/authorization/steps/index.ts';
import { stepOfFactor } from '../../src/oauth/authorization/steps/second-factor-steps.ts';
import { NOTHING_NEEDED, needed, type Step } from '../../src/oauth/authorization/steps/step.ts';
import { jsonOf, readParameters } from '../../src/oauth/parameters.ts';
import { findConsent } from '../../src/storage/tables/consents.ts';
import { EVERY_KIND } from '../support/every-kind.ts';
import {
  auditEvents,
  authorize,
  authorizeUrl,
  newPkce,
  passPages,
  publicClient,
  redeem,
  requestOf,
} from '../support/flow.ts';
import { startServer, type TestServer } from '../support/server.ts';
import { toyReason } from '../support/toy-reason.ts';
import { createUserAgent, formOf } from '../support/user-agent.ts';

let termsAccepted = false;
const toyStep: Step = {
  name: 'terms',
  about: 'person',
  page: 'signed-out',
  done: z.object({}),
  errorWhenSilent: 'interaction_required',
  reasons: [toyReason('terms_not_accepted')],
  needed: () => (termsAccepted ? NOTHING_NEEDED : needed(toyReason('terms_not_accepted'))),
};

const toyRule: Rule = {
  name: 'toy',
  ...EVERY_KIND,
  check: ({ parameters }) =>
    parameters.get('toy') === 'broken'
      ? refuse('invalid_request', toyReason('broken_toy'), 'the toy is broken')
      : { asked: { login_hint: 'toy' }, code: {} },
};

/** As authorization_details is one (RFC 9396 §2). */
const toyMember = defineMember<{ readonly type: string }>({
  parse: (stored) => stored as readonly { type: string }[],
  write: (details) => details,
  isSame: isDeepStrictEqual,
  describe: (details) => (details.length === 0 ? undefined : details.map(({ type }) => type)),
  isAudited: true,
});

/** How it comes into a request. */
const toyDetails: Rule = {
  name: 'authorization_details',
  ...EVERY_KIND,
  check({ parameters }) {
    const sent = parameters.sent('authorization_details');
    const found = sent === undefined ? undefined : { authorization_details: jsonOf(sent) };
    return found ? foundAsked({ access: found as Partial<Access> }) : PASSED;
  },
};

/** Of one person alone; the right code is 123456. */
let personWithToyCode: string | undefined;
const toyFactor: SecondFactor<{ readonly code: string }, { readonly code: string }> = {
  name: 'toy_code',
  amr: ['otp'],
  step: 'toy-code',
  comes: 'second',
  guesses: accountPolicy,
  isEnrolled: async (_db, sub) => sub === personWithToyCode,
  look: async (_context, { code }) => (code === '123456' ? { code } : noPerson('wrong_password')),
  confirm: async (_context, _tx, sub) => personProven(sub, ['otp']),
};

/** Its view is that of another page. */
const toyFactorPage = secondFactorPage(toyFactor, {
  view: 'login',
  read: ({ code }) => ({ code: code ?? '' }),
});

let server: TestServer;
beforeAll(async () => {
  (pages as Page[]).push(toyFactorPage);
  (factors as Factor[]).push(toyFactor);
  // The table of steps was made of the factors that there were before.
  (steps as Step[]).push(stepOfFactor(toyFactor));
  server = await startServer();
});
afterAll(() => server.stop());

describe('one row more', () => {
  it('a step: its page, its error for prompt=none, and its end follow', async () => {
    await server.user('stella');
    const client = await publicClient(server);
    const { agent } = await authorize(server, client.client, { username: 'stella' });
    (steps as Step[]).push(toyStep);
    const request = requestOf(client.client, newPkce());
    const paused = await agent.fetch(authorizeUrl(server, request));
    expect(paused.location).toContain('/signed-out?interaction=');
    const nobody = await createUserAgent(server.issuer).fetch(authorizeUrl(server, request));
    expect(new URL(nobody.location ?? '').pathname).toBe('/login');
    const silent = await agent.fetch(authorizeUrl(server, { ...request, prompt: 'none' }));
    expect(new URL(silent.location ?? '').searchParams.get('error')).toBe('interaction_required');
    termsAccepted = true;
    const interaction = new URL(paused.location ?? '').searchParams.get('interaction');
    const resumed = await agent.fetch(`${server.issuer}/authorize/resume?interaction=${interaction}`);
    expect(new URL(resumed.location ?? '').searchParams.get('code')).not.toBeNull();
  });

  it('a second factor: until it is proven no user is signed in, and then with the methods of both', async () => {
    const { sub } = await server.user('fay');
    personWithToyCode = sub;
    const client = await publicClient(server);
    const agent = createUserAgent(server.issuer);
    const pkce = newPkce();
    const url = (more: Record<string, string> = {}) =>
      authorizeUrl(server, requestOf(client.client, pkce, more));
    const asked = await passPages(agent, await agent.open(url()), 'fay');
    expect(asked.url).toContain('/toy-code?interaction=');
    expect((await agent.fetch(`${server.issuer}/account`)).location).toContain('/login');
    const silent = await agent.fetch(url({ prompt: 'none' }));
    expect(new URL(silent.location ?? '').searchParams.get('error')).toBe('login_required');
    expect(await listLiveSessions(server.gatehouse, sub)).toEqual([]);
    const send = (code: string) =>
      agent.fetch(`${server.issuer}/toy-code`, {
        method: 'POST',
        body: new URLSearchParams({ ...formOf(asked).fields, code }),
        headers: { origin: new URL(server.issuer).origin },
      });
    expect((await send('000000')).body).toContain('id="problem"');
    const page = await passPages(agent, await agent.follow(await send('123456')));
    const response = new URL(page.location ?? '').searchParams;
    const { body } = await redeem(server, client, {
      code: response.get('code') ?? '',
      pkce,
      agent,
      response,
    });
    expect(decodeJwt(body.id_token).amr).toEqual(['pwd', 'otp']);
    expect(await listLiveSessions(server.gatehouse, sub)).toHaveLength(1);
    expect((await send('123456')).status).toBe(403);
  });

  it('a rule: where its refusal is sent, and which of two faults is reported, follow', async () => {
    const client = await publicClient(server);
    (rules as Rule[]).push(toyRule);
    const tell = async (more: Record<string, string>) => {
      const url = authorizeUrl(server, requestOf(client.client, newPkce(), more));
      const { headers } = await fetch(url, { redirect: 'manual' });
      return new URL(headers.get('location') ?? '').searchParams.get('error_description');
    };
    expect(await tell({ toy: 'broken' })).toBe('the toy is broken');
    expect(await tell({ toy: 'broken', max_age: '-1' })).toContain('max_age');
    (rules as Rule[]).pop();
  });

  it('a kind of request: one column says which rules are its own, and its values may be JSON', async () => {
    const { client } = await publicClient(server, { scope: 'openid profile' });
    const pushed = rules.map((rule) => ({ ...rule, pushed: rule.name !== 'response_type' }));
    const ask = (...values: [string, unknown][]) => {
      const sent = values.map(([name, json]) => [name, { json }] as const);
      const parameters = readParameters(sent);
      return checkRules(pushed, 'pushed', { context: server.gatehouse, client, parameters });
    };
    const { code_challenge } = newPkce();
    const pkce: [string, unknown][] = [
      ['code_challenge', code_challenge],
      ['code_challenge_method', 'S256'],
    ];
    const claims = { id_token: { nickname: null } };
    const { asked, code } = (await ask(...pkce, ['max_age', 60], ['claims', claims])) as Findings;
    expect([asked.max_age, asked.claims?.request, code]).toEqual([60, claims, { code_challenge }]);
    const refused = await ask(...pkce, ['claims', '{}']);
    expect(isRefusal(refused) && refused.reason).toBe('malformed_claims');
  });

  it('a member of the requested access: stored, remembered, compared, revoked, granted and shown with the others', async () => {
    Object.assign(accessMembers, { authorization_details: toyMember });
    (rules as Rule[]).push(toyDetails);
    const { sub } = await server.user('paula');
    const { client } = await publicClient(server);
    const agent = createUserAgent(server.issuer);
    const read = { type: 'read', accounts: ['1'] };
    const pay = { type: 'pay', amount: 5 };
    const requestFor = (details: object[], more = {}) =>
      requestOf(client, newPkce(), { authorization_details: JSON.stringify(details), ...more });
    const open = (details: object[], more = {}) =>
      agent.open(authorizeUrl(server, requestFor(details, more)));
    const silently = async (details: object[]) => {
      const { location } = await open(details, { prompt: 'none' });
      return new URL(location ?? '').searchParams.get('error') ?? 'code';
    };
    const remembered = async () => {
      const consent = await findConsent(server.gatehouse.db, sub, client.client_id);
      return describeAccess(parseAccess(consent?.access ?? '{}'));
    };

    await passPages(agent, await open([read]), 'paula');
    const { access } = (await server.gatehouse.db.get<{ access: string }>(
      'SELECT access FROM grants WHERE sub = $1',
      sub,
    )) ?? { access: '{}' };
    expect(JSON.parse(access)).toMatchObject({ scope: ['openid'], authorization_details: [read] });
    expect(await remembered()).toMatchObject({ scope: 'openid', authorization_details: ['read'] });
    const given = (await auditEvents(server)).find(
      (event) => event.sub === sub && event.type === 'consent.given',
    );
    expect(given?.details).toMatchObject({ authorization_details: 'read' });

    expect(await silently([read])).toBe('code');
    expect(await silently([])).toBe('code');
    expect(await silently([{ ...read, accounts: ['2'] }])).toBe('consent_required');
    expect(await silently([read, pay])).toBe('consent_required');

    // Allowed and then denied on the same page, before the app was told.
    const page = await open([pay]);
    const { action, fields } = formOf(page, ['decision']);
    await agent.fetch(new URL(action, page.url).href, {
      method: 'POST',
      body: new URLSearchParams({ ...fields, decision: 'allow' }),
      headers: { origin: new URL(server.issuer).origin },
    });
    expect(await remembered()).toMatchObject({ authorization_details: ['read', 'pay'] });
    await agent.submit(page, { decision: 'deny' });
    expect(await remembered()).toMatchObject({ authorization_details: ['read'] });
    (rules as Rule[]).pop();
    delete (accessMembers as Partial<Record<string, unknown>>).authorization_details;
  });
});

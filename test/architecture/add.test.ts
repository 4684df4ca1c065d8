/** CONTRIBUTING as a test: what follows by itself when one row is added to a table. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { nouns } from '../../src/admin/index.ts';
import { type Noun, verb } from '../../src/admin/noun.ts';
import { nounCommand } from '../../src/commands/noun.ts';
import { languages } from '../../src/config/languages.ts';
import { pages } from '../../src/http/pages/index.ts';
import { type Page, showForm } from '../../src/http/pages/page.ts';
import { ownQuery } from '../../src/http/pages/query.ts';
import { ofOwnForm } from '../../src/http/pages/submission.ts';
import { createRenderer } from '../../src/http/render.ts';
import { setUserDisabled } from '../../src/identity/users/users.ts';
import { isRefusal, refuse } from '../../src/lib/outcome.ts';
import { rules } from '../../src/oauth/authorization/rules/index.ts';
import type { Findings, Rule } from '../../src/oauth/authorization/rules/rule.ts';
import { checkRules } from '../../src/oauth/authorization/rules/rule.ts';
import { steps } from '../../src/oauth/authorization/steps/index.ts';
import { NOTHING_NEEDED, needed, type Step } from '../../src/oauth/authorization/steps/step.ts';
import { authenticationMethods } from '../../src/oauth/clients/authentication/index.ts';
import type { ClientAuthenticationMethod } from '../../src/oauth/clients/authentication/method.ts';
import { proven, unproven } from '../../src/oauth/clients/authentication/verdict.ts';
import { defineGrant, type Grant } from '../../src/oauth/grants/grant.ts';
import { grants } from '../../src/oauth/grants/index.ts';
import { readParameters } from '../../src/oauth/parameters.ts';
import { grantProven } from '../../src/oauth/proof.ts';
import { NOTHING_TO_SPEND } from '../../src/oauth/spendable.ts';
import { authorize, authorizeUrl, newPkce, post, publicClient, redeem, requestOf } from '../support/flow.ts';
import { startServer, type TestServer } from '../support/server.ts';
import { viewsWith } from '../support/views.ts';

const TOY = 'urn:example:toy';

/** Careless on purpose: it checks nothing but that a grant was named. */
const toyGrant = defineGrant({
  grantType: TOY,
  forUser: true,
  confidentialOnly: false,
  parameters: z.object({ toy: z.string() }),
  look: async (_context, _client, { toy }) => ({ toy }),
  spend: async (_context, _tx, { toy }) => grantProven(toy),
});

const toyMethod: ClientAuthenticationMethod = {
  name: 'toy_secret',
  claimedBy: ({ parameters }) =>
    parameters.get('toy_secret') === undefined ? undefined : parameters.get('client_id'),
  verify: (_context, client, { parameters }) =>
    client && parameters.get('toy_secret') === 'please'
      ? proven(client, NOTHING_TO_SPEND)
      : unproven('wrong_toy'),
  holds: () => true,
};

let termsAccepted = false;
const toyStep: Step = {
  name: 'terms',
  page: 'signed-out',
  errorWhenSilent: 'interaction_required',
  reasons: ['terms_not_accepted'],
  needed: () => (termsAccepted ? NOTHING_NEEDED : needed('terms_not_accepted')),
};

const toyRule: Rule = {
  name: 'toy',
  authorize: true,
  check: ({ parameters }) =>
    parameters.get('toy') === 'broken'
      ? refuse('invalid_request', 'broken_toy', 'the toy is broken')
      : { asked: { login_hint: 'toy' }, code: {} },
};

const toyPage: Page = {
  path: '/toy',
  query: ['colour'],
  show: async (tools, request, reply) =>
    showForm(tools, request, reply, {
      view: 'signed-out',
      purpose: 'toy',
      data: {
        frames: [],
        isSomebodyLeft: false,
        fault: { description: Object.keys(ownQuery(tools, request)).join() },
      },
    }),
  submit: ofOwnForm({ purpose: () => 'toy', submit: async ({ reply }) => reply.send('played') }),
};

const toyNoun: Noun = {
  name: 'toy',
  summary: 'a toy',
  verbs: [
    verb({ name: 'wind', summary: 'wind it up', input: z.object({}), run: async () => ({ wound: true }) }),
  ],
};

let server: TestServer;
beforeAll(async () => {
  (grants as Grant[]).push(toyGrant);
  (authenticationMethods as ClientAuthenticationMethod[]).push(toyMethod);
  (nouns as Noun[]).push(toyNoun);
  (pages as Page[]).push(toyPage);
  server = await startServer();
});
afterAll(() => server.stop());

const discovery = async () =>
  (await (await fetch(`${server.issuer}/.well-known/openid-configuration`)).json()) as Record<
    string,
    string[]
  >;

describe('one row more', () => {
  it('a grant: discovery, client metadata, gate, issuing and audit follow', async () => {
    expect((await discovery()).grant_types_supported).toContain(TOY);
    const user = await server.user('toya');
    const client = await publicClient(server, { grant_types: ['authorization_code', TOY] });
    const authorized = await authorize(server, client.client, { username: 'toya' });
    await redeem(server, client, authorized);
    const row = await server.gatehouse.db.get<{ grant_id: string }>('SELECT grant_id FROM grants');
    const ask = () => post(server, '/token', { grant_type: TOY, toy: row?.grant_id ?? '' }, client);
    expect((await ask()).status).toBe(200);
    expect((await post(server, '/token', { grant_type: TOY }, client)).body.error).toBe('invalid_request');
    const other = await publicClient(server);
    const refused = await post(server, '/token', { grant_type: TOY, toy: 'x' }, other);
    expect(refused.body.error).toBe('unauthorized_client');
    await setUserDisabled(server.gatehouse, user.sub, true);
    expect((await ask()).body.error).toBe('invalid_grant');
  });

  it('a grant in which a person takes part: its client has scopes about one', async () => {
    const { client } = await server.client({ grant_types: [TOY] });
    expect(client.metadata.scope.split(' ')).toContain('openid');
    const named = await server.client({ grant_types: [TOY], scope: 'openid groups' });
    expect(named.client.metadata.scope).toBe('openid groups');
  });

  it('a client authentication method: discovery, registration and "exactly one" follow', async () => {
    expect((await discovery()).token_endpoint_auth_methods_supported).toContain('toy_secret');
    const client = await server.client({
      grant_types: ['client_credentials'],
      token_endpoint_auth_method: 'toy_secret',
    });
    const body = {
      grant_type: 'client_credentials',
      client_id: client.client.client_id,
      toy_secret: 'please',
    };
    expect((await post(server, '/token', body)).status).toBe(200);
    expect((await post(server, '/token', { ...body, client_secret: 'x' })).body.error).toBe(
      'invalid_request',
    );
    expect((await post(server, '/token', { ...body, toy_secret: 'now' })).body.error).toBe('invalid_client');
  });

  it('a step: its page, its error for prompt=none, and its end follow', async () => {
    await server.user('stella');
    const client = await publicClient(server);
    const { agent } = await authorize(server, client.client, { username: 'stella' });
    (steps as Step[]).push(toyStep);
    const request = requestOf(client.client, newPkce());
    const paused = await agent.fetch(authorizeUrl(server, request));
    expect(paused.location).toContain('/signed-out?interaction=');
    const silent = await agent.fetch(authorizeUrl(server, { ...request, prompt: 'none' }));
    expect(new URL(silent.location ?? '').searchParams.get('error')).toBe('interaction_required');
    termsAccepted = true;
    const interaction = new URL(paused.location ?? '').searchParams.get('interaction');
    const resumed = await agent.fetch(`${server.issuer}/authorize/resume?interaction=${interaction}`);
    expect(new URL(resumed.location ?? '').searchParams.get('code')).not.toBeNull();
  });

  it('a rule: where it is told, and which of two faults is told, follow', async () => {
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

  it('a page: headers, 405 and the check of its form follow', async () => {
    const ask = (method: string) => fetch(`${server.issuer}/toy`, { method });
    const { headers } = await ask('GET');
    expect(headers.get('content-security-policy')).toContain("frame-ancestors 'none'");
    expect([headers.get('cache-control'), headers.get('content-language')]).toEqual(['no-store', 'en']);
    const put = await ask('PUT');
    expect([put.status, put.headers.get('allow')]).toEqual([405, 'GET, POST, HEAD']);
    const foreign = await ask('POST');
    expect([foreign.status, await foreign.text()]).toEqual([403, expect.stringContaining('<h1>')]);
  });

  it('a page: it reads what it declares of its query, and keeps that where the language changes', async () => {
    const answer = await fetch(`${server.issuer}/toy?colour=red&size=large`);
    const text = await answer.text();
    expect(text).toContain(encodeURIComponent('/toy?colour=red'));
    expect(text).toContain('>colour</bdi>');
    expect(text).not.toContain('large');
  });

  it('a view: its texts in English are enough for every language', () => {
    const views = viewsWith('toy', "<h1><%= it.t('toy.heading') %></h1>", { heading: 'Toys' });
    const renderer = createRenderer({ basePath: '', issuer: server.issuer }, views);
    for (const language of languages) expect(renderer.page('toy', {}, language)).toContain('Toys');
  });

  it('a noun: the command line follows', () => {
    expect(nouns).toContain(toyNoun);
    expect(nounCommand(toyNoun).commands.map((command) => command.name())).toEqual(['wind']);
  });
});

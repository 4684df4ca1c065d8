/** What the compiler refuses (forgetful.test.ts) and is forced past it all the same: at run time too, silence proves nothing. */
import { generateKeyPairSync } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { createApp } from '../../src/http/app.ts';
import type { Endpoint } from '../../src/http/endpoints/endpoint.ts';
import { endpoints } from '../../src/http/endpoints/index.ts';
import { NOT_LINKED, signedInPage } from '../../src/http/pages/account/make-signed-in-page.ts';
import { pages } from '../../src/http/pages/index.ts';
import type { Page } from '../../src/http/pages/page.ts';
import { accountPolicy } from '../../src/identity/attempts/throttle-policies.ts';
import type { Factor, SecondFactor } from '../../src/identity/factors/factor.ts';
import { factors } from '../../src/identity/factors/index.ts';
import { password } from '../../src/identity/factors/password.ts';
import { listLiveSessions } from '../../src/identity/sessions/find-live-sessions.ts';
import { completeSignIn, signIn } from '../../src/identity/sign-in.ts';
import { checkInOrder, PASSED } from '../../src/lib/outcome.ts';
import { NOTHING_ASKED } from '../../src/oauth/authorization/authorization-request-types.ts';
import { storeInteraction } from '../../src/oauth/authorization/interaction.ts';
import { purposes } from '../../src/oauth/authorization/purposes/index.ts';
import type { Purpose } from '../../src/oauth/authorization/purposes/purpose.ts';
import { rules } from '../../src/oauth/authorization/rules/index.ts';
import type { Rule } from '../../src/oauth/authorization/rules/rule.ts';
import { steps } from '../../src/oauth/authorization/steps/index.ts';
import type { Step } from '../../src/oauth/authorization/steps/step.ts';
import { authenticationMethods } from '../../src/oauth/clients/authentication/index.ts';
import type { ClientAuthenticationMethod } from '../../src/oauth/clients/authentication/method.ts';
import { provenByAssertion } from '../../src/oauth/clients/authentication/prove-client-by-comparison.ts';
import { grantProven, grantProvenWithoutSpending } from '../../src/oauth/grant-proof.ts';
import { defineGrant, type Grant } from '../../src/oauth/grants/grant-type-interface.ts';
import { grants } from '../../src/oauth/grants/index.ts';
import { startProvenGrant } from '../../src/oauth/grants/start-grant-at-first-use.ts';
import { answerTo } from '../../src/oauth/requests/answer-to-proven-caller.ts';
import { EVERY_KIND } from '../support/every-kind.ts';
import { authorize, authorizeUrl, newPkce, post, publicClient, redeem, requestOf } from '../support/flow.ts';
import { PASSWORD, startServer, type TestServer } from '../support/server.ts';

const SILENT = 'urn:example:silent';
const LOOKING = 'urn:example:looking';
const UNSPENT = 'urn:example:unspent';
const UNSPENT_START = 'urn:example:unspent-start';
const silence = (() => {}) as () => never;

const silentMethod: ClientAuthenticationMethod = {
  name: 'silent',
  credential: 'none',
  claimedBy: ({ parameters }) =>
    parameters.get('silent') === undefined ? undefined : parameters.get('client_id'),
  verify: silence,
  holds: silence,
};

/** It says that the client signed, and not what is to be spent. */
const unspentMethod: ClientAuthenticationMethod = {
  ...silentMethod,
  name: 'unspent',
  claimedBy: ({ parameters }) =>
    parameters.get('unspent') === undefined ? undefined : parameters.get('client_id'),
  verify: (_context, client) => provenByAssertion({ client } as never),
};

const silentGrant: Grant = {
  grantType: SILENT,
  forUser: true,
  confidentialOnly: false,
  selfRegistered: false,
  parameters: z.object({}),
  look: async () => ({}),
  spend: async () => silence(),
};

/** Of a person, and with nothing to spend: no transaction in which anything would be looked at once more. */
const lookingGrant = defineGrant({
  grantType: LOOKING,
  forUser: true,
  confidentialOnly: false,
  selfRegistered: false,
  parameters: z.object({ toy: z.string() }),
  look: async (_context, _client, { toy }) => ({ toy }),
  proof: ({ toy }) => grantProvenWithoutSpending(toy),
});

/** The first spends nothing, the second nothing before it starts the grant. */
const unspentGrants = [UNSPENT, UNSPENT_START].map((grantType) =>
  defineGrant({
    grantType,
    forUser: true,
    confidentialOnly: false,
    selfRegistered: false,
    parameters: z.object({ toy: z.string() }),
    look: async (_context, client, { toy }) => ({ toy, client }),
    async spend(context, tx, { toy, client }) {
      const spent = undefined as never;
      const first = { spent, grantId: toy, client, shown: undefined, nonce: undefined };
      return grantType === UNSPENT ? grantProven(spent, toy) : startProvenGrant(context, tx, first);
    },
  }),
);

/** Neither says who calls. */
const silentEndpoints: Endpoint[] = [silence, async () => answerTo({} as never, { secret: 1 })].map(
  (ask, index) => ({
    path: `/silent/${index}`,
    methods: ['POST'],
    cors: 'none',
    ask,
    send: (reply, body) => reply.send(body),
  }),
);

const silentStep: Step = {
  name: 'silent',
  about: 'person',
  page: 'signed-out',
  done: z.object({}),
  errorWhenSilent: 'interaction_required',
  reasons: [],
  needed: silence,
};

const silentPurpose: Purpose = {
  name: 'silent',
  write: () => '{}',
  read: () => ({ request: { asked: NOTHING_ASKED }, metadata_hash: undefined }),
  complete: silence,
  denied: silence,
  outOfReach: silence,
  otherUser: silence,
  silent: silence,
};

const source = { address: '192.0.2.7', userAgent: '', requestId: '' };
const silentFactor: SecondFactor<object, object> = {
  name: 'silent',
  amr: ['otp'],
  step: 'silent',
  comes: 'second',
  guesses: accountPolicy,
  isEnrolled: silence,
  look: silence,
  confirm: silence,
};

let server: TestServer;
beforeAll(async () => {
  (grants as Grant[]).push(silentGrant, lookingGrant, ...unspentGrants);
  (authenticationMethods as ClientAuthenticationMethod[]).push(silentMethod, unspentMethod);
  (endpoints as Endpoint[]).push(...silentEndpoints);
  server = await startServer();
});
afterAll(() => server.stop());

const refusal = { status: 500, body: { error: 'server_error' } };

describe('silence at run time', () => {
  it('of a check has not passed, and what comes after it is not asked', () => {
    expect(checkInOrder(silence, () => PASSED)).not.toBe(PASSED);
  });

  it('of a client authentication method proves no client', async () => {
    const { client } = await server.client({
      grant_types: ['client_credentials'],
      token_endpoint_auth_method: 'silent',
    });
    const form = { grant_type: 'client_credentials', client_id: client.client_id, silent: '1' };
    expect(await post(server, '/token', form)).toMatchObject(refusal);
    const introspected = await post(server, '/introspect', { ...form, token: 'x' });
    expect(introspected).toMatchObject(refusal);
  });

  it('of a client authentication method about what is to be spent proves no client', async () => {
    const { client } = await server.client({
      grant_types: ['client_credentials'],
      token_endpoint_auth_method: 'unspent',
    });
    const form = { grant_type: 'client_credentials', client_id: client.client_id, unspent: '1' };
    expect(await post(server, '/token', form)).toMatchObject(refusal);
    expect(await post(server, '/introspect', { ...form, token: 'x' })).toMatchObject(refusal);
  });

  it('of an endpoint about who calls answers nobody', async () => {
    for (const { path } of silentEndpoints) expect(await post(server, path, {})).toMatchObject(refusal);
  });

  it('of a grant proves no grant, and no client that acts for itself', async () => {
    const client = await publicClient(server, { grant_types: ['authorization_code', SILENT] });
    expect(await post(server, '/token', { grant_type: SILENT }, client)).toMatchObject(refusal);
  });

  it('of a grant about encryption leaves no ID token in clear', async () => {
    await server.user('ida');
    const { publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    const client = await publicClient(server, {
      grant_types: ['authorization_code', LOOKING],
      id_token_encrypted_response_alg: 'ECDH-ES',
      jwks: { keys: [{ ...publicKey.export({ format: 'jwk' }), use: 'enc', kid: 'ida' }] },
    });
    await redeem(server, client, await authorize(server, client.client, { username: 'ida' }));
    const row = await server.gatehouse.db.get<{ grant_id: string }>('SELECT grant_id FROM grants');
    const { body } = await post(server, '/token', { grant_type: LOOKING, toy: row?.grant_id ?? '' }, client);
    expect(body.id_token.split('.')).toHaveLength(5);
  });

  it('of a page about who may open it opens it to nobody: the server does not start', async () => {
    (pages as Page[]).push({ path: '/silent', show: silence, openTo: 'session' } as never as Page);
    const { fastify } = createApp(server.gatehouse);
    await expect(fastify.ready()).rejects.toThrow('/silent: its row does not say who may open it');
    (pages as Page[]).pop();
  });

  it('of a page about what its form needs makes no page', () => {
    const silent = { linkedAs: NOT_LINKED, show: silence, submit: silence };
    expect(() => signedInPage('/account/silent', silent as never)).toThrow('what its form needs');
  });

  it('of a grant about what was spent proves no grant, and starts none', async () => {
    await server.user('una');
    const grant_types = ['authorization_code', UNSPENT, UNSPENT_START];
    const client = await publicClient(server, { grant_types });
    await authorize(server, client.client, { username: 'una' });
    const grantsOf = () =>
      server.gatehouse.db.all<{ grant_id: string }>(
        'SELECT * FROM grants WHERE client_id = $1',
        client.client.client_id,
      );
    const before = await grantsOf();
    expect(before).toHaveLength(1);
    for (const grant_type of [UNSPENT, UNSPENT_START]) {
      const form = { grant_type, toy: before[0]?.grant_id ?? '' };
      expect(await post(server, '/token', form, client)).toMatchObject(refusal);
    }
    expect(await grantsOf()).toEqual(before);
  });

  it('of a rule passes no request', async () => {
    const client = await publicClient(server);
    const silentRule: Rule = { name: 'silent', ...EVERY_KIND, check: silence };
    (rules as Rule[]).push(silentRule);
    const answer = await fetch(authorizeUrl(server, requestOf(client.client, newPkce())), {
      redirect: 'manual',
    });
    (rules as Rule[]).pop();
    expect([answer.status, answer.headers.get('location')]).toEqual([500, null]);
  });

  it('of a purpose grants no access, and redirects nowhere', async () => {
    await server.user('petra');
    const { client } = await publicClient(server);
    const { agent } = await authorize(server, client, { username: 'petra' });
    const grants = () => server.gatehouse.db.all('SELECT grant_id FROM grants');
    const before = (await grants()).length;
    (purposes as Purpose[]).push(silentPurpose);
    const wanted = { purpose: silentPurpose, request: { asked: NOTHING_ASKED }, client: undefined };
    const interaction = await storeInteraction(server.gatehouse, wanted, { browser: undefined, source });
    const answer = await agent.fetch(`${server.issuer}/authorize/resume?interaction=${interaction}`);
    expect([answer.status, answer.location, (await grants()).length]).toEqual([400, undefined, before]);
  });

  it('of a factor signs no user in, and does not say that one factor is enough', async () => {
    const { sub } = await server.user('simon');
    const typed = { login: 'simon', password: PASSWORD, source };
    (factors as Factor[]).push(silentFactor);
    const begun = await signIn(server.gatehouse, password, typed);
    (factors as Factor[]).pop();
    const pendingCookie = 'lacks' in begun ? begun.cookieValue : undefined;
    expect(pendingCookie).toBeDefined();
    const complete = (factor: typeof silentFactor) =>
      completeSignIn(server.gatehouse, factor, { source, pendingCookie });
    await expect(complete(silentFactor)).rejects.toThrow();
    await expect(complete({ ...silentFactor, look: async () => ({}) })).rejects.toThrow();
    const first: Partial<typeof password>[] = [
      { check: silence },
      { find: silence },
      { look: silence },
      { confirm: silence },
    ];
    for (const silent of first)
      await expect(signIn(server.gatehouse, { ...password, ...silent }, typed)).rejects.toThrow();
    expect(await listLiveSessions(server.gatehouse, sub)).toEqual([]);
  });

  it('of a step does not say that nothing is needed', async () => {
    await server.user('silas');
    const client = await publicClient(server);
    const { agent } = await authorize(server, client.client, { username: 'silas' });
    (steps as Step[]).push(silentStep);
    const answer = await agent.fetch(authorizeUrl(server, requestOf(client.client, newPkce())));
    expect(answer.location ?? '').not.toContain('code=');
    expect(answer.status).toBe(500);
  });
});

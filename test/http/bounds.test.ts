/** Every header and parameter has an end. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  answerOf,
  authorizeUrl,
  basic,
  confidentialClient,
  newPkce,
  post,
  type Registered,
  requestOf,
} from '../support/flow.ts';
import { startServer, type TestServer } from '../support/server.ts';
import { expectCommonHeaders, expectError } from './answers.ts';
import { expectPageHeaders, type Visit, visitTo } from './pages/visit.ts';

let server: TestServer;
let visit: Visit;
let app: Registered;

beforeAll(async () => {
  server = await startServer();
  visit = visitTo(server);
  await server.user();
  app = await confidentialClient(server);
});
afterAll(() => server.stop());

const request = (more: Record<string, string> = {}) => requestOf(app.client, newPkce(), more);

describe('the authorization request', () => {
  const bounds: [string, number][] = [
    ['client_id', 512],
    ['nonce', 1024],
    ['state', 4096],
    ['redirect_uri', 4096],
    ['scope', 4096],
    ['resource', 2048],
    ['audience', 2048],
    ['acr_values', 4096],
    ['ui_locales', 1024],
    ['login_hint', 2048],
    ['claims', 16_384],
    ['id_token_hint', 32_768],
    ['max_age', 256],
    ['prompt', 256],
  ];

  test.each(bounds)('%s of more than %i characters gets a page of ours', async (name, longest) => {
    const long = 'x'.repeat(longest + 1);
    const posted = await visit.post(visit.newAgent(), '/authorize', request({ [name]: long }));
    const got =
      longest < 10_000 ? [await visit.newAgent().fetch(authorizeUrl(server, request({ [name]: long })))] : [];
    for (const page of [posted, ...got]) {
      expect([page.status, page.location]).toEqual([400, undefined]);
      expect(page.body).toContain(`${name} has ${longest + 1} characters; ${longest} are the most`);
      expect(page.body.length).toBeLessThan(10_000);
      expectPageHeaders(page, { leavesOrigin: false });
    }
  });

  test('values of the maximum length are accepted', async () => {
    for (const [name, longest] of [
      ['nonce', 1024],
      ['state', 4096],
      ['login_hint', 2048],
    ] as const) {
      const page = await visit
        .newAgent()
        .fetch(authorizeUrl(server, request({ [name]: 'ü'.repeat(longest / 8) })));
      expect(page.location).toContain('/login');
      const posted = await visit.post(
        visit.newAgent(),
        '/authorize',
        request({ [name]: 'x'.repeat(longest) }),
      );
      expect([posted.status, posted.location]).toEqual([303, expect.stringContaining('/authorize/resume')]);
    }
  });

  test('an id_token_hint of 30 kB is accepted by POST', async () => {
    const hint = 'a'.repeat(30_000);
    const page = await visit.post(visit.newAgent(), '/authorize', request({ id_token_hint: hint }));
    expect(page.location).toContain('error=invalid_request');
    expect(page.location).toContain('id_token_hint+is+not+an+ID+token');
  });

  test('an unknown parameter is ignored, however long it is', async () => {
    const page = await visit.newAgent().fetch(authorizeUrl(server, request({ campaign: 'x'.repeat(9000) })));
    expect(page.location).toContain('/login');
  });

  test('a page of the sign-in answers in the same way', async () => {
    const page = await visit.post(visit.newAgent(), '/login', { username: 'x'.repeat(1025), password: 'x' });
    expect(page.status).toBe(400);
    expect(page.body).toContain('username has 1025 characters');
  });
});

describe('the endpoints for machines', () => {
  test.each([
    ['/token', 'grant_type', 256],
    ['/token', 'code', 1024],
    ['/token', 'code_verifier', 256],
    ['/token', 'refresh_token', 4096],
    ['/token', 'client_id', 512],
    ['/token', 'client_secret', 1024],
    ['/token', 'client_assertion', 32_768],
    ['/token', 'redirect_uri', 4096],
    ['/token', 'resource', 2048],
    ['/token', 'audience', 2048],
    ['/revoke', 'token', 32_768],
    ['/introspect', 'token', 32_768],
    ['/introspect', 'token_type_hint', 256],
    ['/userinfo', 'access_token', 32_768],
  ])('%s refuses a %s of more than %i characters by name', async (path, name, longest) => {
    const answer = await post(server, path, { [name]: 'x'.repeat(longest + 1) }, app);
    expectError(answer, 400, 'invalid_request');
    expect(answer.body.error_description).toBe(
      `${name} has ${longest + 1} characters; ${longest} are the most that it may have`,
    );
  });

  test('a client_id is as bounded in the Authorization header and in an assertion', async () => {
    const grant = { grant_type: 'client_credentials' };
    const long = 'x'.repeat(513);
    const part = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');
    const client_assertion = `${part({ alg: 'ES256' })}.${part({ sub: long })}.AAAA`;
    const client_assertion_type = 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer';
    for (const answer of [
      await post(server, '/token', grant, undefined, { authorization: basic(long, 'secret') }),
      await post(server, '/token', { ...grant, client_assertion, client_assertion_type }),
    ]) {
      expectError(answer, 400, 'invalid_request');
      expect(answer.body.error_description).toContain('client_id has 513 characters');
    }
    const secret = basic('somebody', 'x'.repeat(1025));
    const answer = await post(server, '/token', grant, undefined, { authorization: secret });
    expect(answer.body.error_description).toContain('client_secret has 1025 characters');
  });

  test('a secret too long for any request is not registered', async () => {
    const create = (length: number) => confidentialClient(server, { client_secret: 's'.repeat(length) });
    await expect(create(1025)).rejects.toThrow('at most 1024 characters');
    const { client, client_secret = '' } = await create(1024);
    const answer = await post(server, '/introspect', { token: 'x' }, { client, client_secret });
    expect([answer.status, answer.body]).toEqual([200, { active: false }]);
  });
});

describe('headers', () => {
  test.each([
    ['authorization', 8192],
    ['origin', 512],
    ['user-agent', 2048],
    ['accept', 2048],
    ['accept-language', 2048],
    ['if-none-match', 2048],
    ['x-forwarded-for', 2048],
    ['sec-fetch-site', 256],
  ])('%s of more than %i characters is 431 by name, wherever it is sent', async (name, longest) => {
    for (const path of ['/jwks', '/userinfo', '/nowhere', '/login']) {
      const headers = { [name]: 'x'.repeat(longest + 1) };
      const answer = await answerOf(await fetch(`${server.issuer}${path}`, { headers }));
      expect(answer.status).toBe(431);
      const text = typeof answer.body === 'string' ? answer.body : answer.body.error_description;
      expect(text).toContain(`the header ${name} has ${longest + 1} characters; ${longest} are the most`);
      expectCommonHeaders(answer);
    }
    const headers = { [name]: 'x'.repeat(longest) };
    expect((await fetch(`${server.issuer}/jwks`, { headers })).status).toBe(200);
  });
});

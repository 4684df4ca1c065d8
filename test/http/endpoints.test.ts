import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { endpoints } from '../../src/http/endpoints/index.ts';
import { jsonErrorText } from '../../src/http/errors-json.ts';
import { OAuthError } from '../../src/oauth/errors.ts';
import {
  type Answer,
  answerOf,
  authorize,
  basic,
  confidentialClient,
  post,
  type Registered,
  redeem,
  userinfo,
} from '../support/flow.ts';
import { startServer, type TestServer } from '../support/server.ts';
import { expectCommonHeaders, expectError } from './answers.ts';

let server: TestServer;
let app: Registered;
let machine: Registered;

beforeAll(async () => {
  server = await startServer();
  await server.user();
  app = await confidentialClient(server);
  machine = await confidentialClient(server, {
    grant_types: ['client_credentials'],
    redirect_uris: [],
    response_types: [],
  });
});
afterAll(() => server.stop());

const FORM = 'application/x-www-form-urlencoded';
const takersOf = (method: 'POST') => endpoints.filter(({ methods }) => methods.includes(method));
const request = async (path: string, init: RequestInit = {}): Promise<Answer> =>
  answerOf(await fetch(server.issuer + path, { redirect: 'manual', ...init }));
const clientCredentials = (headers = {}) =>
  post(server, '/token', { grant_type: 'client_credentials' }, machine, headers);

test('a user who types only the host is redirected to the account', async () => {
  const answer = await fetch(`${server.issuer}/`, { redirect: 'manual' });
  expect([answer.status, answer.headers.get('location')]).toEqual([303, '/account']);
});

describe('requests to the endpoints', () => {
  test.each(
    takersOf('POST')
      .filter(({ methods }) => methods.length === 1)
      .map(({ path }) => path),
  )('T1 %s takes form POST alone: 405 names what it takes', async (path) => {
    for (const method of ['GET', 'HEAD', 'PUT', 'DELETE', 'PATCH', 'PROPFIND']) {
      const body = method === 'PUT' ? '{"a":1}' : undefined;
      const answer = await request(path, {
        method,
        ...(body && { body, headers: { 'content-type': 'application/json' } }),
      });
      expect(answer.status).toBe(405);
      expect(answer.headers.get('allow')).toMatch(/^POST(, OPTIONS)?$/);
      expectCommonHeaders(answer);
    }
  });

  test('G15 documents, pages, assets and health name their methods too', async () => {
    const page = await request('/signed-out');
    const asset = /href="(\/assets\/[^"]+)"/.exec(page.body)?.[1] ?? '';
    const served = {
      '/jwks': 'GET, HEAD, OPTIONS',
      '/login': 'GET, POST, HEAD',
      '/signed-out': 'GET, HEAD',
      [asset]: 'GET, HEAD',
      '/health/ready': 'GET, HEAD',
    };
    for (const [path, allow] of Object.entries(served)) {
      const answer = await request(path, { method: 'DELETE' });
      expect([path, answer.status, answer.headers.get('allow')]).toEqual([path, 405, allow]);
      expect((await request(path, { method: 'HEAD' })).status).toBe(200);
    }
  });

  test.each(['application/json', 'text/plain', 'multipart/form-data; boundary=x', `${FORM}x`])(
    'T1 a body of type %s is 415',
    async (type) => {
      for (const { path } of takersOf('POST')) {
        const answer = await request(path, { method: 'POST', body: '{}', headers: { 'content-type': type } });
        expectError(answer, 415, 'invalid_request');
      }
      const page = await request('/login', { method: 'POST', body: '{}', headers: { 'content-type': type } });
      expect([page.status, page.headers.get('content-type')]).toEqual([415, 'text/html; charset=utf-8']);
    },
  );

  test('a body over 64 kB is 413, and one of more than 100 parameters 400', async () => {
    const large = { method: 'POST', body: `a=${'x'.repeat(65_536)}`, headers: { 'content-type': FORM } };
    expectError(await request('/token', large), 413, 'invalid_request');
    const many = Array.from({ length: 101 }, (_, index) => `p${index}=1`).join('&');
    expectError(await post(server, '/token', many, machine), 400, 'invalid_request');
  });

  test('a body that is not UTF-8, or holds NUL, is invalid_request', async () => {
    for (const body of [Buffer.from([0x61, 0x3d, 0xff]), 'a=%ff', 'a=%00', Buffer.from('a=\0')]) {
      const answer = await request('/token', { method: 'POST', body, headers: { 'content-type': FORM } });
      expectError(answer, 400, 'invalid_request');
    }
  });

  test('G3 G4 G5 an empty parameter is absent, a repeated one refused, an unknown one ignored', async () => {
    const extra = new URLSearchParams({ grant_type: 'client_credentials', scope: '', colour: 'blue' });
    expect((await post(server, '/token', extra, machine)).status).toBe(200);
    extra.append('grant_type', 'client_credentials');
    expectError(await post(server, '/token', extra, machine), 400, 'invalid_request');
  });

  test('Q3 the token endpoint reads nothing from the query', async () => {
    const { client_id } = machine.client;
    const query = new URLSearchParams({
      client_id,
      client_secret: machine.client_secret ?? '',
      grant_type: 'client_credentials',
    });
    const answer = await post(server, `/token?${query}`, '');
    expect(answer.status).toBeGreaterThanOrEqual(400);
    const half = await post(server, `/token?client_id=${client_id}`, { grant_type: 'client_credentials' });
    expectError(half, 401, 'invalid_client');
  });
});

describe('answers of the endpoints', () => {
  test('G7 a token answer is never stored', async () => {
    const answer = await clientCredentials();
    expect(answer.status).toBe(200);
    expect(answer.headers.get('cache-control')).toBe('no-store');
    expect(answer.headers.get('pragma')).toBe('no-cache');
    expect(answer.headers.get('content-type')).toMatch(/^application\/json/);
    expect(answer.body.token_type).toMatch(/^bearer$/i);
    expectCommonHeaders(answer);
  });

  test('T2 a wrong secret in the header is 401 with a Basic challenge', async () => {
    const authorization = basic(machine.client.client_id, 'x'.repeat(40));
    const answer = await post(server, '/token', { grant_type: 'client_credentials' }, undefined, {
      authorization,
    });
    expectError(answer, 401, 'invalid_client');
    expect(answer.headers.get('www-authenticate')).toMatch(/^Basic /);
  });

  test('G6 an error description keeps to the characters of RFC 6749', async () => {
    const answer = await post(server, '/token', { grant_type: 'pass"word\\ü\n' }, machine);
    expectError(answer, 400, 'unsupported_grant_type');
    const error = new OAuthError(
      'invalid_request',
      'malformed_request',
      'a "quoted" back\\slash, ü and\r\nX-Injected: 1',
    );
    const [head = '', body = ''] = jsonErrorText(error, {}).split('\r\n\r\n');
    expect(head).not.toContain('X-Injected');
    expect(JSON.parse(body).error_description).toMatch(/^[\x20-\x21\x23-\x5B\x5D-\x7E]+$/);
  });

  test('W1 W2 W3 userinfo takes GET and POST, one carrier, never the query', async () => {
    const { body } = await redeem(server, app, await authorize(server, app.client));
    const { access_token } = body;
    const authorization = `Bearer ${access_token}`;
    expect((await userinfo(server, access_token)).status).toBe(200);
    expect((await post(server, '/userinfo', { access_token })).status).toBe(200);
    expect((await request('/userinfo', { method: 'POST', headers: { authorization } })).status).toBe(200);

    const query = await request(`/userinfo?access_token=${access_token}`);
    expectError(query, 401, 'invalid_token');
    expect(query.headers.get('www-authenticate')).toBe('Bearer realm="gatehouse"');
    expect(query.body.error_description).toContain('in the query is not taken');

    const two = await post(server, '/userinfo', { access_token }, undefined, { authorization });
    expectError(two, 400, 'invalid_request');
    expect(two.headers.get('www-authenticate')).toContain('error="invalid_request"');

    const wrong = await userinfo(server, `${access_token}x`);
    expectError(wrong, 401, 'invalid_token');
    expect(wrong.headers.get('www-authenticate')).toContain('error="invalid_token"');
  });

  test('W3 a token without openid is 403 insufficient_scope', async () => {
    const grant = await authorize(server, app.client, { more: { scope: 'profile' } });
    const { body } = await redeem(server, app, grant);
    const answer = await userinfo(server, body.access_token);
    expectError(answer, 403, 'insufficient_scope');
    expect(answer.headers.get('www-authenticate')).toContain('error="insufficient_scope"');
  });

  test('404 is JSON for machines and a page for people, whatever the body', async () => {
    const headers = { 'content-type': 'application/json' };
    expectError(await request('/nothing', { method: 'POST', body: '{', headers }), 404, 'invalid_request');
    const page = await request('/nothing', { headers: { accept: 'text/html' } });
    expect(page.status).toBe(404);
    expect(page.headers.get('content-security-policy')).toContain("form-action 'self'");
    expectCommonHeaders(page);
  });

  test.each([
    ['/oauth/token?client_secret=s3cret', '/oauth/token', '/token'],
    ['/oauth2/v2.0/authorise', '/oauth2/v2.0/authorise', '/authorize'],
    ['/protocol/openid-connect/userinfo/', '/protocol/openid-connect/userinfo/', '/userinfo'],
    [`/${'x'.repeat(300)}`, `/${'x'.repeat(199)}…`, undefined],
  ])(
    '404 at %s names the path in answer and log, and the endpoint that was meant',
    async (sent, path, meant) => {
      const answer = await request(sent, { method: 'POST', body: 'a=b' });
      const { error_description: said } = answer.body as { error_description: string };
      expect(said).toContain(`there is nothing at ${path.replace('…', '?')}; `);
      expect(said).toContain(
        meant === undefined
          ? `${server.issuer}/.well-known/openid-configuration`
          : `did you mean ${server.issuer}${meant}?`,
      );
      const lines = server.lines.map((line) => JSON.parse(line));
      const own = lines.filter(({ requestId }) => requestId === answer.headers.get('x-request-id'));
      expect(own.find(({ msg }) => msg === 'refused')).toMatchObject({ reason: 'not_found', path });
      expect(JSON.stringify(own)).not.toContain('s3cret');
    },
  );

  test('an address that cannot be decoded is 400 with every header', async () => {
    expectError(await request('/%zz'), 400, 'invalid_request');
  });

  test('an error before an endpoint is found is a page for users, in their language', async () => {
    const headers = { accept: 'text/html', 'accept-language': 'de' };
    for (const path of ['/account%', '/account/%E4pfel', '/%C3', '/client-logo/%zz']) {
      const page = await request(path, { headers });
      expect([page.status, page.headers.get('content-language')], path).toEqual([400, 'de']);
      expect(page.body, path).toContain('Seite nicht gefunden');
      expectCommonHeaders(page);
    }
    const long = await request('/nothing', { headers: { ...headers, 'user-agent': 'x'.repeat(3000) } });
    expect([long.status, long.headers.get('content-language')]).toEqual([431, 'de']);
  });
});

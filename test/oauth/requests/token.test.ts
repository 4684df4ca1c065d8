import { decodeJwt, exportJWK, generateKeyPair } from 'jose';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { setClientDisabled } from '../../../src/oauth/clients/disable-and-enable-client.ts';
import {
  answerOf,
  auditEvents,
  authorize,
  basic,
  confidentialClient,
  post,
  publicClient,
  type Registered,
  redeem,
  refresh,
  userinfo,
} from '../../support/flow.ts';
import { startServer, type TestServer } from '../../support/server.ts';

let server: TestServer;
let service: Registered;
let web: Registered;
let posting: Registered;
let spa: Registered;

beforeAll(async () => {
  server = await startServer({ environment: { GATEHOUSE_REGISTRATION: 'open' } });
  await server.user();
  service = await server.client({ grant_types: ['client_credentials'], scope: 'read write' });
  web = await confidentialClient(server);
  posting = await server.client({
    grant_types: ['client_credentials'],
    token_endpoint_auth_method: 'client_secret_post',
  });
  spa = await publicClient(server);
});
afterAll(() => server.stop());

const credentials = { grant_type: 'client_credentials' };

describe('client_credentials', () => {
  it('T13 a confidential client gets a token of its own, with no user in it', async () => {
    const { status, body } = await post(server, '/token', credentials, service);
    expect(status).toBe(200);
    expect(body.refresh_token).toBeUndefined();
    expect(body.id_token).toBeUndefined();
    expect(decodeJwt(body.access_token)).toMatchObject({
      sub: service.client.client_id,
      scope: 'read write',
    });
  });

  it('T13 T3 a public client is refused', async () => {
    expect((await post(server, '/token', credentials, spa)).body.error).toBe('unauthorized_client');
  });

  it('Z9 T9 A127 a scope beyond the client is invalid_scope; a narrower one is granted and reported', async () => {
    expect((await post(server, '/token', { ...credentials, scope: 'admin' }, service)).body.error).toBe(
      'invalid_scope',
    );
    // Nothing about a person: left out, and no other scope comes in its place.
    const person = await post(server, '/token', { ...credentials, scope: 'openid' }, service);
    expect([person.status, person.body.scope]).toEqual([200, undefined]);
    expect(decodeJwt(person.body.access_token).scope).toBeUndefined();
    expect((await post(server, '/token', { ...credentials, scope: 'read' }, service)).body.scope).toBe(
      'read',
    );
  });

  it('T19 T15 Z25 the token has one audience; an unknown resource and several are invalid_target', async () => {
    const api = await server.client({
      grant_types: ['client_credentials'],
      resources: ['https://api.test/a'],
    });
    const asked = await post(server, '/token', { ...credentials, resource: 'https://api.test/a' }, service);
    expect(decodeJwt(asked.body.access_token).aud).toBe('https://api.test/a');
    const unknown = await post(
      server,
      '/token',
      { ...credentials, resource: 'https://nobody.test' },
      service,
    );
    expect(unknown.body.error).toBe('invalid_target');
    const several = new URLSearchParams(credentials);
    several.append('resource', 'https://api.test/a');
    several.append('resource', 'https://api.test/a');
    expect((await post(server, '/token', several, service)).body.error).toBe('invalid_target');
    await setClientDisabled(server.gatehouse, api.client.client_id, true);
    const withdrawn = await post(
      server,
      '/token',
      { ...credentials, resource: 'https://api.test/a' },
      service,
    );
    expect(withdrawn.body.error).toBe('invalid_target');
  });
});

describe('the grant type', () => {
  it('T3 unknown is unsupported_grant_type, not registered is unauthorized_client, missing is invalid_request', async () => {
    expect((await post(server, '/token', { grant_type: 'nonsense' }, web)).body.error).toBe(
      'unsupported_grant_type',
    );
    expect((await post(server, '/token', credentials, web)).body.error).toBe('unauthorized_client');
    expect((await post(server, '/token', {}, web)).body.error).toBe('invalid_request');
  });

  it('T4 A053 password and implicit are never served, whatever the spelling', async () => {
    for (const grant_type of [
      'password',
      'implicit',
      'PASSWORD',
      'Client_Credentials',
      'authorization_code ',
    ]) {
      const body = { grant_type, username: 'alice', password: 'x' };
      expect((await post(server, '/token', body, service)).body.error).toBe('unsupported_grant_type');
    }
    const twice = 'grant_type=client_credentials&grant_type=client_credentials';
    expect((await post(server, '/token', twice, service)).body.error).toBe('invalid_request');
  });
});

describe('client authentication', () => {
  const send = async (body: string, authorization?: string) =>
    answerOf(
      await fetch(`${server.issuer}/token`, {
        method: 'POST',
        body,
        headers: {
          'content-type': 'application/x-www-form-urlencoded',
          ...(authorization !== undefined && { authorization }),
        },
      }),
    );
  const grant = 'grant_type=client_credentials';

  it('Q4 T2 wrong Basic credentials are 401 invalid_client with a Basic challenge', async () => {
    const answer = await send(grant, basic(service.client.client_id, 'wrong'));
    expect([answer.status, answer.body.error]).toEqual([401, 'invalid_client']);
    expect(answer.headers.get('www-authenticate')).toMatch(/^Basic /);
  });

  it('Q1 A040 two methods at once are invalid_request', async () => {
    const { client, client_secret } = service;
    const authorization = basic(client.client_id, client_secret ?? '');
    const both = `${grant}&client_id=${client.client_id}&client_secret=${client_secret}`;
    expect((await send(both, authorization)).body.error).toBe('invalid_request');
    const assertion = `${grant}&client_assertion=a.b.c&client_assertion_type=x`;
    expect((await send(assertion, authorization)).body.error).toBe('invalid_request');
  });

  it('Q2 A041 only the registered method is taken', async () => {
    expect((await post(server, '/token', credentials, posting)).status).toBe(200);
    const jwks = { keys: [await exportJWK((await generateKeyPair('ES256')).publicKey)] };
    const signing = { token_endpoint_auth_method: 'private_key_jwt', jwks };
    const { client } = await server.client({
      ...signing,
      grant_types: ['client_credentials'],
      scope: 'read',
    });
    const body = `${grant}&client_id=${client.client_id}&client_secret=x`;
    expect((await send(body)).body.error).toBe('invalid_client');
    const event = (await auditEvents(server)).find(({ client_id }) => client_id === client.client_id);
    expect(event).toMatchObject({
      reason: 'wrong_method',
      details: { auth_method: 'client_secret_post', registered: 'private_key_jwt' },
    });
    const web = await server.client({ grant_types: ['client_credentials'] });
    expect((await send(`${grant}&client_id=${web.client.client_id}`)).body.error).toBe('invalid_client');
    const told = (await auditEvents(server)).filter(({ client_id }) => client_id === web.client.client_id);
    expect(told.map(({ details }) => details)).toContainEqual({
      auth_method: 'none',
      registered: 'client_secret_basic',
    });
  });

  it('Q3 a secret in the query is never read', async () => {
    const { client, client_secret } = posting;
    const url = `${server.issuer}/token?client_id=${client.client_id}&client_secret=${client_secret}`;
    const headers = { 'content-type': 'application/x-www-form-urlencoded' };
    const answer = await answerOf(await fetch(url, { method: 'POST', body: grant, headers }));
    expect(answer.body.error).toBe('invalid_client');
  });

  it('Q4 A049 malformed Basic is 401, and the scheme is case-insensitive', async () => {
    const { client, client_secret } = service;
    const good = basic(client.client_id, client_secret ?? '');
    expect((await send(grant, good.replace('Basic', 'basic'))).status).toBe(200);
    const bad = [
      'Basic',
      'Basic !!!',
      `Basic ${btoa('nocolon')}`,
      `Basic ${btoa('a%zz:b')}`,
      `Basic ${btoa('a\0:b')}`,
      'Basic gIA=',
      `Basic ${Buffer.from([0xff, 0x3a, 0x78]).toString('base64')}`,
    ];
    for (const authorization of bad) {
      const answer = await send(grant, authorization);
      expect([answer.status, answer.body.error]).toEqual([401, 'invalid_client']);
    }
  });

  it('A055 a client_id has no alias', async () => {
    const { client, client_secret } = service;
    for (const other of [
      client.client_id.toUpperCase(),
      `${client.client_id} `,
      `${client.client_id}\u200b`,
      `${client.client_id}\0`,
      client.client_id.replaceAll(/[a-z]/g, (letter) => String.fromCodePoint(letter.charCodeAt(0) + 0xfee0)),
    ]) {
      expect((await send(grant, basic(other, client_secret ?? ''))).body.error).toBe('invalid_client');
    }
  });

  it('A054 a disabled client is invalid_client everywhere', async () => {
    const off = await server.client({ grant_types: ['client_credentials'] });
    await setClientDisabled(server.gatehouse, off.client.client_id, true);
    for (const path of ['/token', '/introspect', '/revoke']) {
      expect((await post(server, path, { ...credentials, token: 'x' }, off)).body.error).toBe(
        'invalid_client',
      );
    }
  });

  it('Q11 A050 guessing is throttled with 429, and the real client is not kept out', async () => {
    // What the tests above guessed from this address is over.
    server.clock.advance(1_000_000);
    const target = await server.client({ grant_types: ['client_credentials'] });
    const guesses = await Promise.all(
      Array.from({ length: 40 }, (_, index) => send(grant, basic(target.client.client_id, `guess-${index}`))),
    );
    expect(guesses.filter((answer) => answer.status === 401)).toHaveLength(20);
    const shed = guesses.filter((answer) => answer.status === 429);
    expect(shed).toHaveLength(20);
    expect(Number(shed[0]?.headers.get('retry-after'))).toBeGreaterThan(0);
    expect((await post(server, '/token', credentials, target)).status).toBe(200);
  });

  it('Q10 Q9 a public client names itself and nothing more; a confidential one cannot do without its secret', async () => {
    const answer = await send(`${grant}&client_id=${service.client.client_id}`);
    expect(answer.body.error).toBe('invalid_client');
  });

  it('several secrets are good at once while one is rotated', async () => {
    const { rotateClientSecret } = await import('../../../src/oauth/clients/issue-client-secrets.ts');
    const rotating = await server.client({ grant_types: ['client_credentials'] });
    const { client_id } = rotating.client;
    const rotated = await rotateClientSecret(server.gatehouse, client_id, { keepOldForSeconds: 60 });
    if ('refused' in rotated) throw new Error(rotated.description);
    const renewed = { ...rotating, client_secret: rotated.client_secret };
    expect((await post(server, '/token', credentials, rotating)).status).toBe(200);
    expect((await post(server, '/token', credentials, renewed)).status).toBe(200);
    server.clock.advance(61_000);
    expect((await post(server, '/token', credentials, rotating)).body.error).toBe('invalid_client');
    expect((await post(server, '/token', credentials, renewed)).status).toBe(200);
  });
});

it('A027 no artefact works in another slot', async () => {
  const authorized = await authorize(server, spa.client);
  const { body } = await redeem(server, spa, authorized);
  const session = authorized.agent.cookies.get(authorized.agent.names.session) ?? '';
  const artefacts = [
    authorized.code,
    body.refresh_token,
    body.access_token,
    body.id_token,
    session,
    web.client_secret ?? '',
  ];
  for (const artefact of artefacts.filter((one) => one !== body.refresh_token)) {
    const answer = await post(
      server,
      '/token',
      { grant_type: 'refresh_token', refresh_token: artefact },
      spa,
    );
    expect(answer.body.error).toBe('invalid_grant');
  }
  for (const artefact of artefacts.filter((one) => one !== authorized.code)) {
    const answer = await post(server, '/token', { grant_type: 'authorization_code', code: artefact }, spa);
    expect(answer.body.error).toBe('invalid_grant');
  }
  for (const artefact of artefacts.filter((one) => one !== body.access_token)) {
    const headers = { authorization: `Bearer ${artefact}` };
    expect((await fetch(`${server.issuer}/userinfo`, { headers })).status).toBe(401);
  }
  for (const artefact of artefacts) {
    const headers = { authorization: `Bearer ${artefact}` };
    const registration = `${server.issuer}/register/${spa.client.client_id}`;
    expect((await fetch(registration, { headers })).status).toBe(401);
  }
  // None of them was spent, and nothing of it was taken for theft.
  expect((await userinfo(server, body.access_token)).status).toBe(200);
  expect((await refresh(server, spa, body.refresh_token)).status).toBe(200);
});

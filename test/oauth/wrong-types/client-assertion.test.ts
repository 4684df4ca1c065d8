/** Every member of a client assertion with every type of JSON; each is signed by the client's own key. RFC 7523 §3 */
import { generateKeyPairSync, randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { type Answer, lastReason, post } from '../../support/flow.ts';
import {
  casesOf,
  forEachInBatches,
  type RawKind,
  type RawMembers,
  rawMembers,
  rawObject,
  signRaw,
  withMember,
} from '../../support/raw-json.ts';
import { startServer, type TestServer } from '../../support/server.ts';

const TYPE = 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer';
const key = generateKeyPairSync('ec', { namedCurve: 'P-256' });
const HEADER: RawMembers = rawMembers({ alg: 'ES256', kid: 'one' });
vi.setConfig({ testTimeout: 300_000 });

let server: TestServer;
let client_id: string;

beforeAll(async () => {
  server = await startServer();
  const jwk = { ...key.publicKey.export({ format: 'jwk' }), kid: 'one' };
  const metadata = {
    token_endpoint_auth_method: 'private_key_jwt',
    grant_types: ['client_credentials'],
    jwks: { keys: [jwk] },
  };
  client_id = (await server.client(metadata)).client.client_id;
});
afterAll(() => server.stop());

function claims(): RawMembers {
  const nowSeconds = Math.floor(server.clock.nowMs() / 1000);
  const jti = randomUUID();
  return rawMembers({ iss: client_id, sub: client_id, aud: server.issuer, exp: nowSeconds + 60, jti });
}

function ask(header: string, payload: string, path = '/token'): Promise<Answer> {
  const client_assertion = signRaw(header, payload, key.privateKey);
  const form = { grant_type: 'client_credentials', client_assertion_type: TYPE, client_assertion, client_id };
  return post(server, path, { ...form, token: 'x' });
}

/** 429 where it was one of many. */
function expectRefused({ status, body }: Answer, what: string): void {
  expect([401, 429], what).toContain(status);
  expect(body.error, what).toBe('invalid_client');
}

const headerRules: Readonly<Record<string, readonly RawKind[]>> = {
  alg: [],
  typ: [],
  kid: [],
  cty: ['text'],
  jku: ['text', 'nul'],
  jwk: ['object'],
  x5u: ['text', 'nul'],
  x5c: ['texts'],
  x5t: ['text', 'nul'],
  'x5t#S256': ['text', 'nul'],
  crit: [],
  b64: ['boolean'],
};

const payloadRules: Readonly<Record<string, readonly RawKind[]>> = {
  iss: [],
  sub: [],
  aud: [],
  exp: [],
  jti: ['text'],
  iat: ['number'],
  nbf: ['number'],
};

describe('a member of a wrong type is refused without a fault of the server', () => {
  it('in the header', async () => {
    await forEachInBatches(casesOf(headerRules), async ({ member, text, fits }) => {
      const answer = await ask(rawObject(withMember(HEADER, member, text)), rawObject(claims()));
      const what = `${member}: ${text.slice(0, 60)}`;
      expect(answer.status, what).toBeLessThan(500);
      if (Object.hasOwn(headerRules, member) && !fits) expectRefused(answer, what);
      if (!Object.hasOwn(headerRules, member)) expect(answer.status === 200, what).toBe(fits);
    });
  });

  it('in the payload, at every endpoint where a client authenticates', async () => {
    await forEachInBatches(casesOf(payloadRules), async ({ member, text, fits }, n) => {
      const path = ['/token', '/introspect', '/revoke'][n % 3];
      const answer = await ask(rawObject(HEADER), rawObject(withMember(claims(), member, text)), path);
      const what = `${path} ${member}: ${text.slice(0, 60)}`;
      expect(answer.status, what).toBeLessThan(500);
      if (Object.hasOwn(payloadRules, member) && !fits) expectRefused(answer, what);
      if (!Object.hasOwn(payloadRules, member)) expect(answer.status === 200, what).toBe(fits);
    });
  });

  it('and a header or payload that is no object at all, or no JSON', async () => {
    for (const text of ['', 'null', '1', '[]', '"x"', '{', '{"alg":"ES256",}', '\u0000', '{}']) {
      expectRefused(await ask(text, rawObject(claims())), text);
      expectRefused(await ask(rawObject(HEADER), text), text);
    }
  });

  it('nor one with a payload that is not encoded (RFC 7797)', async () => {
    for (const text of ['false', '"true"']) {
      expectRefused(await ask(rawObject(withMember(HEADER, 'b64', text)), rawObject(claims())), text);
    }
  });

  it('nor is one accepted that has a name twice, whichever of them is right', async () => {
    const twice = rawObject(claims()).replace('{', `{"sub":"${client_id}",`);
    expectRefused(await ask(rawObject(HEADER), twice), 'sub');
    expectRefused(
      await ask(rawObject(HEADER).replace('{', '{"al\\u0067":"ES256",'), rawObject(claims())),
      'alg',
    );
  });

  it('nor bytes that are not UTF-8, nor base64url in another spelling', async () => {
    const header = Buffer.from(rawObject(HEADER)).toString('base64url');
    const broken = Buffer.from(rawObject(withMember(claims(), 'x', '"\u00ff"')), 'latin1').toString(
      'base64url',
    );
    for (const assertion of [
      `${header}.${broken}.AA`,
      `${header}=.e30.AA`,
      `${header}.e30`,
      `${header}.e30.A A`,
    ]) {
      const form = { client_assertion_type: TYPE, client_assertion: assertion, client_id };
      expectRefused(await post(server, '/token', { grant_type: 'client_credentials', ...form }), assertion);
    }
  });

  it('and the server is well afterwards', async () => {
    server.clock.advance(11 * 60_000);
    // What was told in numbers meanwhile comes before.
    await server.gatehouse.audit.flush();
    expectRefused(await ask(rawObject(HEADER), rawObject(withMember(claims(), 'sub', '1'))), 'sub');
    expect(await lastReason(server)).toBe('malformed_assertion');
    expect((await ask(rawObject(HEADER), rawObject(claims()))).status).toBe(200);
    expect((await fetch(`${server.issuer}/health/ready`)).status).toBe(200);
    expect(server.lines.filter((line) => line.includes('unexpected failure'))).toEqual([]);
  });
});

/** Every member of a registration, and of its keys, with every type of JSON. RFC 7591 §2, RFC 7592 §2.2 */
import { generateKeyPairSync } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import type { metadataSchema } from '../../../src/oauth/clients/metadata-shape.ts';
import { type Answer, answerOf, CALLBACK } from '../../support/flow.ts';
import {
  casesOf,
  forEachInBatches,
  type RawCase,
  type RawKind,
  type RawMembers,
  rawMembers,
  rawObject,
  withMember,
} from '../../support/raw-json.ts';
import { startServer, type TestServer } from '../../support/server.ts';

const MINUTE = 60_000;
vi.setConfig({ testTimeout: 300_000 });

let server: TestServer;
let own: { client_id: string; registration_access_token: string };

beforeAll(async () => {
  server = await startServer({
    environment: { GATEHOUSE_REGISTRATION: 'open', GATEHOUSE_REGISTRATION_LIMIT: '100000' },
  });
  own = (await register(rawObject(BODY))).body;
});
afterAll(() => server.stop());

const publicKey = generateKeyPairSync('rsa', { modulusLength: 2048 }).publicKey.export({ format: 'jwk' });
const KEY = rawMembers({ ...publicKey, kid: 'one' });
const BODY: RawMembers = rawMembers({ redirect_uris: [CALLBACK] });
let sent = 0;

async function send(url: string, method: string, body: string, token?: string): Promise<Answer> {
  sent += 1;
  // 200 requests in ten minutes from one address.
  if (sent % 100 === 0) server.clock.advance(11 * MINUTE);
  const authorization = token === undefined ? {} : { authorization: `Bearer ${token}` };
  const headers = { 'content-type': 'application/json', ...authorization };
  return answerOf(await fetch(url, { method, body, headers }));
}
const register = (body: string) => send(`${server.issuer}/register`, 'POST', body);
const replace = (members: RawMembers) =>
  send(
    `${server.issuer}/register/${own.client_id}`,
    'PUT',
    rawObject({ ...members, client_id: JSON.stringify(own.client_id) }),
    own.registration_access_token,
  );

/** RFC 7592 §2.2: null leaves a member out. */
const text: readonly RawKind[] = ['text', 'nul', 'null'];
const texts: readonly RawKind[] = ['texts', 'null'];
const flag: readonly RawKind[] = ['boolean', 'null'];
const any: readonly RawKind[] = [
  'null',
  'boolean',
  'number',
  'infinite',
  'text',
  'nul',
  'list',
  'texts',
  'object',
];

const rules: Readonly<Record<keyof typeof metadataSchema.shape, readonly RawKind[]>> = {
  client_name: text,
  redirect_uris: texts,
  grant_types: texts,
  response_types: texts,
  response_modes: texts,
  scope: text,
  token_endpoint_auth_method: text,
  application_type: text,
  id_token_signed_response_alg: text,
  token_endpoint_auth_signing_alg: text,
  jwks_uri: text,
  default_max_age: ['number', 'null'],
  require_auth_time: flag,
  default_acr_values: texts,
  initiate_login_uri: text,
  post_logout_redirect_uris: texts,
  backchannel_logout_uri: text,
  backchannel_logout_session_required: flag,
  frontchannel_logout_uri: text,
  frontchannel_logout_session_required: flag,
  subject_type: text,
  sector_identifier_uri: text,
  userinfo_signed_response_alg: text,
  userinfo_encrypted_response_alg: text,
  userinfo_encrypted_response_enc: text,
  id_token_encrypted_response_alg: text,
  id_token_encrypted_response_enc: text,
  jwks: ['null'],
  client_uri: text,
  logo_uri: text,
  policy_uri: text,
  tos_uri: text,
  software_id: text,
  software_version: text,
  contacts: texts,
  // The operator's own, which nobody else may say: not looked at.
  resources: any,
  access_token_type: any,
  access_token_signed_response_alg: any,
  default_resource: any,
  first_party: any,
  require_pkce: any,
  insecure_redirect_uris: any,
  strict_auth_method: any,
  refresh_is_activity: any,
  refresh_token_rotation: any,
  id_token_claims: any,
};

const keyRules: Readonly<Record<string, readonly RawKind[]>> = {
  kty: [],
  n: [],
  e: [],
  kid: ['text'],
  use: ['text'],
  alg: ['text'],
  key_ops: ['texts'],
  crv: ['text'],
  x: ['text', 'nul'],
  y: ['text', 'nul'],
  d: [],
  k: [],
};

function expectAnswer(
  { status, body }: Answer,
  { member, text: said, fits }: RawCase,
  isKnown: boolean,
): void {
  const what = `${member}: ${said.slice(0, 60)} → ${JSON.stringify(body).slice(0, 200)}`;
  expect(status, what).toBeLessThan(500);
  // Libraries write "" for what they do not know: an absent member.
  if (!fits && said !== '""') expect(status, what).toBe(400);
  else if (!isKnown) expect(status, what).toBeLessThan(300);
}

describe('a member of a wrong type is refused without a fault of the server', () => {
  it('of what is registered', async () => {
    await forEachInBatches(casesOf(rules), async (one) => {
      const answer = await register(rawObject(withMember(BODY, one.member, one.text)));
      expectAnswer(answer, one, Object.hasOwn(rules, one.member));
    });
  });

  it('of what is changed', async () => {
    await forEachInBatches(casesOf(rules), async (one) => {
      expectAnswer(
        await replace(withMember(BODY, one.member, one.text)),
        one,
        Object.hasOwn(rules, one.member),
      );
    });
  });

  it('of a key, whether it signs or encrypts', async () => {
    await forEachInBatches(casesOf(keyRules), async (one, n) => {
      const keys = `[${rawObject(withMember(KEY, one.member, one.text))}]`;
      const use = n % 2 === 0 ? { id_token_encrypted_response_alg: '"RSA-OAEP-256"' } : {};
      const body = rawObject({ ...BODY, ...use, jwks: rawObject({ keys }) });
      expectAnswer(await register(body), one, Object.hasOwn(keyRules, one.member));
    });
  });

  it('of the set of keys', async () => {
    for (const one of casesOf({ keys: [] })) {
      const jwks = rawObject(withMember({ keys: `[${rawObject(KEY)}]` }, one.member, one.text));
      expectAnswer(await register(rawObject({ ...BODY, jwks })), one, one.member === 'keys');
    }
  });

  it('of a body that is no object, and of one whose client_id is no text', async () => {
    for (const one of casesOf({ body: [] }).filter(({ member }) => member === 'body')) {
      if (one.text === '{}') continue;
      expectAnswer(await register(one.text), one.kind === 'object' ? { ...one, fits: true } : one, true);
      const url = `${server.issuer}/register/${own.client_id}`;
      const answer = await send(url, 'PUT', one.text, own.registration_access_token);
      expect(answer.status, one.text.slice(0, 60)).toBe(400);
    }
  });
});

it('what is standard is no excuse for a scope that is none', async () => {
  for (const scope of ['1', '["openid"]', '"a\\u0007b"']) {
    expect((await register(rawObject(withMember(BODY, 'scope', scope)))).status).toBe(400);
  }
});

it('the server is well afterwards', async () => {
  expect((await register(rawObject(BODY))).status).toBe(201);
  expect((await fetch(`${server.issuer}/health/ready`)).status).toBe(200);
  expect(server.lines.filter((line) => line.includes('unexpected failure'))).toEqual([]);
});

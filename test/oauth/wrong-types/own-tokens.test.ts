/** Our own tokens, coming back with every type of JSON in every member and really signed by our key. RFC 9068, Core §2 */
import type { KeyObject } from 'node:crypto';
import { decodeJwt, decodeProtectedHeader } from 'jose';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import {
  authorize,
  confidentialClient,
  newPkce,
  post,
  type Registered,
  redeem,
  requestOf,
  userinfo,
} from '../../support/flow.ts';
import { ownKey } from '../../support/own-key.ts';
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
import type { UserAgent } from '../../support/user-agent.ts';

const GOODBYE = 'https://app.example.com/goodbye';
vi.setConfig({ testTimeout: 300_000 });

let server: TestServer;
let client: Registered;
let agent: UserAgent;
let key: KeyObject;
let access: Token;
let id: Token;

interface Token {
  readonly header: RawMembers;
  readonly claims: RawMembers;
}

beforeAll(async () => {
  server = await startServer({
    environment: { GATEHOUSE_ACCESS_TOKEN_SECONDS: '86400', GATEHOUSE_ID_TOKEN_SECONDS: '86400' },
  });
  await server.user();
  client = await confidentialClient(server, {
    post_logout_redirect_uris: [GOODBYE],
    id_token_signed_response_alg: 'ES256',
  });
  const authorized = await authorize(server, client.client);
  ({ agent } = authorized);
  const { body } = await redeem(server, client, authorized);
  [access, id] = [partsOf(body.access_token), partsOf(body.id_token)];
  key = await ownKey(server, body.access_token);
});
afterAll(() => server.stop());

function partsOf(token: string): Token {
  return { header: rawMembers({ ...decodeProtectedHeader(token) }), claims: rawMembers(decodeJwt(token)) };
}

const signed = ({ header, claims }: Token) => signRaw(rawObject(header), rawObject(claims), key);

/** None of the values is one that these may have. */
const HEADER = ['alg', 'typ', 'kid', 'crit'];
const headerRules: Readonly<Record<string, readonly RawKind[]>> = {
  ...Object.fromEntries(HEADER.map((name) => [name, []])),
  cty: ['text'],
  jwk: ['object'],
  x5c: ['texts'],
};
const registered = { iss: [], aud: [], exp: [], iat: [], nbf: ['number'] } as const;

interface Variant {
  readonly token: string;
  readonly what: string;
  readonly isKnown: boolean;
  readonly fits: boolean;
}

function* headerVariants(token: Token): Generator<Variant> {
  for (const { member, text, fits } of casesOf(headerRules)) {
    const isKnown = Object.hasOwn(headerRules, member);
    const header = withMember(token.header, member, text);
    yield {
      token: signed({ ...token, header }),
      what: `header ${member}: ${text.slice(0, 60)}`,
      isKnown,
      fits,
    };
  }
}

function* variants(
  token: Token,
  claimRules: Readonly<Record<string, readonly RawKind[]>>,
): Generator<Variant> {
  for (const { member, text, fits } of casesOf(claimRules)) {
    const isKnown = Object.hasOwn(claimRules, member);
    const claims = withMember(token.claims, member, text);
    yield { token: signed({ ...token, claims }), what: `${member}: ${text.slice(0, 60)}`, isKnown, fits };
  }
}

describe('an access token', () => {
  const rules = {
    iss: [],
    sub: ['text'],
    aud: ['text'],
    client_id: [],
    scope: ['text'],
    iat: ['number'],
    exp: ['number'],
    jti: ['text'],
    auth_time: ['number'],
    acr: ['text'],
  } as const satisfies Record<string, readonly RawKind[]>;

  it('as it was signed is good, so the key of this test is the right one', async () => {
    const claims = withMember(access.claims, 'unknown', '1');
    expect((await userinfo(server, signed({ ...access, claims }))).status).toBe(200);
  });

  it('with a member of a wrong type is no token at userinfo, and an unknown member changes nothing', async () => {
    await forEachInBatches(
      [...headerVariants(access), ...variants(access, rules)],
      async ({ token, what, isKnown, fits }) => {
        // In the body, as some are too long for a header.
        const { status } = await post(server, '/userinfo', { access_token: token });
        expect(status, what).toBeLessThan(500);
        if (!fits || !isKnown) expect(status, what).toBe(fits ? 200 : 401);
      },
    );
  });

  it('nor at introspection', async () => {
    await forEachInBatches([...variants(access, rules)], async ({ token, what, isKnown, fits }) => {
      const { status, body } = await post(server, '/introspect', { token }, client);
      expect(status, what).toBe(200);
      if (!fits || !isKnown) expect(body.active, what).toBe(fits);
    });
  });

  it('nor at revocation, where it ends nothing', async () => {
    await forEachInBatches([...variants(access, rules)], async ({ token, what, fits }) => {
      if (fits) return;
      const { status } = await post(server, '/revoke', { token }, client);
      expect(status, what).toBe(200);
    });
    expect((await userinfo(server, signed(access))).status).toBe(200);
  });
});

describe('an id_token_hint', () => {
  const rules = {
    ...registered,
    iat: ['number'],
    exp: ['number'],
    sub: ['text'],
    jti: ['text'],
    sid: ['text'],
    auth_time: ['number'],
    acr: ['text', 'nul'],
    amr: ['texts'],
    nonce: ['text', 'nul'],
    at_hash: ['text', 'nul'],
  } as const satisfies Record<string, readonly RawKind[]>;

  it('with a member of a wrong type is foreign to the authorization endpoint', async () => {
    await forEachInBatches(
      [...headerVariants(id), ...variants(id, rules)],
      async ({ token, what, isKnown, fits }) => {
        const request = requestOf(client.client, newPkce(), { prompt: 'none', id_token_hint: token });
        const body = new URLSearchParams(request);
        const page = await agent.fetch(`${server.issuer}/authorize`, { method: 'POST', body });
        // A hint of 9,000 characters in a member is too long for an address alone.
        expect(page.status, what).toBeLessThan(500);
        const error = new URL(page.location ?? server.issuer).searchParams.get('error');
        if (!fits) expect(error, what).toBe('invalid_request');
        if (!isKnown && fits) expect(error, what).toBeNull();
      },
    );
  });

  it('and proves no client to the logout page', async () => {
    await forEachInBatches([...variants(id, rules)], async ({ token, what, isKnown, fits }) => {
      const query = new URLSearchParams({ id_token_hint: token, post_logout_redirect_uri: GOODBYE });
      if (query.toString().length > 12_000) return;
      const answer = await fetch(`${server.issuer}/logout?${query}`, { redirect: 'manual' });
      expect(answer.status, what).toBeLessThan(500);
      if (!fits || !isKnown) expect(answer.headers.get('location') === GOODBYE, what).toBe(fits);
    });
  });
});

it('the server is well afterwards', async () => {
  expect((await fetch(`${server.issuer}/health/ready`)).status).toBe(200);
  expect(server.lines.filter((line) => line.includes('unexpected failure'))).toEqual([]);
});

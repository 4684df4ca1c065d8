/** What clients' own hosts answer, and the claims parameter, with every type of JSON. RFC 7517 §5, Core §5.5 */
import { generateKeyPairSync, randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type Server } from 'node:https';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { isRefusal } from '../../../src/lib/outcome.ts';
import { updateClient } from '../../../src/oauth/clients/create-and-update-clients.ts';
import { newCertificate } from '../../conformance/certificate.ts';
import {
  type Answer,
  answerOf,
  authorize,
  CALLBACK,
  confidentialClient,
  newPkce,
  post,
  type Registered,
  redeem,
  requestOf,
  userinfo,
} from '../../support/flow.ts';
import {
  casesOf,
  forEachInBatches,
  type RawCase,
  type RawKind,
  rawMembers,
  rawObject,
  rawValues,
  signRaw,
  withMember,
} from '../../support/raw-json.ts';
import { grantTypes, startServer, type TestServer } from '../../support/server.ts';
import type { UserAgent } from '../../support/user-agent.ts';

vi.setConfig({ testTimeout: 300_000 });

const TYPE = 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer';
const signing = generateKeyPairSync('ec', { namedCurve: 'P-256' });
const encrypting = generateKeyPairSync('rsa', { modulusLength: 2048 });
const SIGNING = rawMembers({ ...signing.publicKey.export({ format: 'jwk' }), kid: 'one' });
const ENCRYPTING = rawMembers({ ...encrypting.publicKey.export({ format: 'jwk' }), kid: 'two' });

let directory: string;
let server: TestServer;
let host: Server;
let origin: string;
let agent: UserAgent;
let browsing: Registered;
/** What the host answers at a path. */
const documents = new Map<string, string | Buffer>();

beforeAll(async () => {
  directory = mkdtempSync(join(tmpdir(), 'gatehouse-documents-'));
  const certificate = await newCertificate(directory, 'localhost');
  host = createServer({ cert: certificate.cert, key: certificate.key }, (request, response) => {
    response.end(documents.get(request.url ?? ''));
  });
  await new Promise<void>((done) => host.listen(0, '127.0.0.1', done));
  origin = `https://localhost:${(host.address() as AddressInfo).port}`;
  server = await startServer({
    environment: {
      GATEHOUSE_REGISTRATION: 'open',
      GATEHOUSE_REGISTRATION_LIMIT: '100000',
      GATEHOUSE_ACCESS_TOKEN_SECONDS: '86400',
      GATEHOUSE_OUTBOUND_ALLOW: 'localhost 127.0.0.0/8',
      GATEHOUSE_OUTBOUND_CA: certificate.certFile,
    },
  });
  await server.user();
  browsing = await confidentialClient(server);
  ({ agent } = await authorize(server, browsing.client));
});
afterAll(async () => {
  host.closeAllConnections();
  host.close();
  await server.stop();
  rmSync(directory, { recursive: true, force: true });
});

function publish(document: string | Buffer): string {
  const path = `/${randomUUID()}.json`;
  documents.set(path, document);
  return `${origin}${path}`;
}

async function pointTo({ client: { client_id } }: Registered, jwks_uri: string): Promise<void> {
  const updated = await updateClient(server.gatehouse, grantTypes, client_id, { jwks_uri });
  if (isRefusal(updated)) throw new Error(updated.description);
}

const keyRules: Readonly<Record<string, readonly RawKind[]>> = {
  kty: ['text'],
  kid: ['text'],
  use: ['text'],
  alg: ['text'],
  key_ops: ['texts'],
  crv: ['text'],
  x: ['text', 'nul'],
  y: ['text', 'nul'],
};

const MORE = ['unknown', '__proto__'];
/** One of each kind: each costs a fetch. */
const oneOfEach = rawValues.filter(([kind], n) => rawValues.findIndex(([other]) => other === kind) === n);

/** The key with each value in each member; and each value as the key, as the set, and as the document. */
function keyDocuments(key: Readonly<Record<string, string>>): [RawCase | undefined, string][] {
  const set = (keys: string) => rawObject({ keys: `[${keys}]` });
  const tried = casesOf(keyRules).filter(
    ({ member, text }) =>
      (Object.hasOwn(keyRules, member) || MORE.includes(member)) && oneOfEach.some(([, one]) => one === text),
  );
  const ofKey = tried.map((one): [RawCase, string] => [
    one,
    set(rawObject(withMember(key, one.member, one.text))),
  ]);
  const ofOthers = oneOfEach.flatMap(([, text]): [undefined, string][] => [
    [undefined, set(text)],
    [undefined, rawObject({ keys: text })],
    [undefined, text],
  ]);
  return [...ofKey, ...ofOthers];
}

/** A connection that was kept open may be closed at the moment of its next request (RFC 9112 §9.5). */
async function once(send: () => Promise<Answer>): Promise<Answer> {
  try {
    return await send();
  } catch {
    return send();
  }
}

/** On a busy machine the host may be too slow; what should be taken is asked again then, as a client would. */
async function patiently(isFit: boolean | undefined, send: () => Promise<Answer>): Promise<Answer> {
  let answer = await once(send);
  for (let tries = 0; isFit && answer.status >= 400 && tries < 10; tries += 1) {
    server.clock.advance(60_000);
    answer = await once(send);
  }
  return answer;
}

function expectKey(answer: Answer, one: RawCase | undefined, document: string): void {
  const what = `${one?.member}: ${(one?.text ?? document).slice(0, 60)} → ${answer.status}`;
  // Where nothing can be read, the keys are away (503 with Retry-After), as if the host did not answer.
  if (answer.status >= 500)
    expect([answer.status, answer.body.error], what).toEqual([503, 'temporarily_unavailable']);
  if (!one?.fits) expect(answer.status, what).not.toBe(200);
  if (one?.fits && !Object.hasOwn(keyRules, one.member)) expect(answer.status, what).toBe(200);
}

describe('a document of a client', () => {
  it('at jwks_uri verifies nothing by a key with a member of a wrong type', async () => {
    const asked = async (document: string, one?: RawCase) => {
      const metadata = { token_endpoint_auth_method: 'private_key_jwt', grant_types: ['client_credentials'] };
      const { client } = await server.client({ ...metadata, jwks_uri: publish(document) });
      return patiently(one?.fits && !Object.hasOwn(keyRules, one.member), () => ask(client.client_id));
    };
    await forEachInBatches(keyDocuments(SIGNING), async ([one, document]) =>
      expectKey(await asked(document, one), one, document),
    );
    expect((await asked(rawObject({ keys: `[null,1,{},${rawObject(SIGNING)}]` }))).status).toBe(200);
  });

  it('at jwks_uri encrypts nothing by a key with a member of a wrong type', async () => {
    const metadata = { userinfo_encrypted_response_alg: 'RSA-OAEP-256', jwks_uri: publish('{}') };
    const client = await confidentialClient(server, metadata);
    const { body } = await redeem(server, client, await authorize(server, client.client, { agent }));
    // Members that are read for signing alone were tried above.
    for (const [one, document] of keyDocuments(ENCRYPTING)) {
      if (one && !['kid', 'use', 'alg', 'key_ops', 'crv', '__proto__'].includes(one.member)) continue;
      await pointTo(client, publish(document));
      expectKey(
        await patiently(one?.fits && !Object.hasOwn(keyRules, one.member), () =>
          userinfo(server, body.access_token),
        ),
        one,
        document,
      );
    }
    await pointTo(client, publish(rawObject({ keys: `[null,1,{},${rawObject(ENCRYPTING)}]` })));
    expect((await userinfo(server, body.access_token)).status).toBe(200);
  });

  it('at sector_identifier_uri is a list of texts or refused', async () => {
    const lists = oneOfEach.flatMap(([, text]) => [text, `[${text}]`, `["${CALLBACK}",${text}]`]);
    await forEachInBatches(lists, async (list) => {
      const isList = list.startsWith(`["${CALLBACK}","`) && !list.includes('\\ud800');
      const { status } = await patiently(isList, () => register(publish(list)));
      expect(status, list.slice(0, 60)).toBe(isList ? 201 : 400);
    });
    const latin = Buffer.from(`["${CALLBACK}","\u00ff"]`, 'latin1');
    expect((await register(publish(latin))).status).toBe(400);
    expect((await patiently(true, () => register(publish(`["${CALLBACK}"]`)))).status).toBe(201);
  });
});

function ask(client_id: string): Promise<Answer> {
  const nowSeconds = Math.floor(server.clock.nowMs() / 1000);
  const jti = randomUUID();
  const claims = { iss: client_id, sub: client_id, aud: server.issuer, exp: nowSeconds + 60, jti };
  const header = rawObject(rawMembers({ alg: 'ES256', kid: 'one' }));
  const client_assertion = signRaw(header, rawObject(rawMembers(claims)), signing.privateKey);
  const form = { grant_type: 'client_credentials', client_assertion_type: TYPE, client_assertion };
  return post(server, '/token', form);
}

async function register(sector_identifier_uri: string): Promise<Answer> {
  const body = JSON.stringify({ redirect_uris: [CALLBACK], subject_type: 'pairwise', sector_identifier_uri });
  const headers = { 'content-type': 'application/json' };
  return answerOf(await fetch(`${server.issuer}/register`, { method: 'POST', body, headers }));
}

describe('the claims parameter', () => {
  const wish = {
    essential: ['boolean'],
    value: ['boolean', 'number', 'text', 'nul', 'list', 'texts', 'object'],
  } as const;
  const acr = { essential: ['boolean'], value: ['text', 'nul'], values: ['texts'] } as const;

  function* parameters(): Generator<[one: RawCase, claims: string]> {
    for (const one of casesOf({ id_token: ['object'], userinfo: ['object'] }))
      yield [one, rawObject({ [one.member]: one.text })];
    for (const one of casesOf({ email: ['null', 'object'] }))
      yield [one, rawObject({ userinfo: rawObject({ [one.member]: one.text }) })];
    for (const one of casesOf(wish))
      yield [one, rawObject({ userinfo: rawObject({ email: rawObject({ [one.member]: one.text }) }) })];
    for (const one of casesOf(acr))
      yield [one, rawObject({ id_token: rawObject({ acr: rawObject({ [one.member]: one.text }) }) })];
    for (const one of casesOf({ claims: ['object'] }).filter(({ member }) => member === 'claims'))
      yield [one, one.text];
  }

  it('with a member of a wrong type is invalid_request, and never a fault of the server', async () => {
    await forEachInBatches([...parameters()], async ([one, claims]) => {
      const what = `${claims.slice(0, 90)}`;
      const request = requestOf(browsing.client, newPkce(), { prompt: 'none', claims });
      const body = new URLSearchParams(request);
      const page = await agent.fetch(`${server.issuer}/authorize`, { method: 'POST', body });
      expect(page.status, what).toBeLessThan(500);
      const error = new URL(page.location ?? server.issuer).searchParams.get('error');
      // A longer one is refused on a page of ours.
      if (claims.length > 16_384) expect(page.status, what).toBe(400);
      else if (!one.fits) expect(error, what).toBe('invalid_request');
    });
  });
});

it('the server is well afterwards', async () => {
  expect((await fetch(`${server.issuer}/health/ready`)).status).toBe(200);
  expect(server.lines.filter((line) => line.includes('unexpected failure'))).toEqual([]);
});

/** What a client may be called and own, and what is taken already, as the transaction sees it. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { isRefusal, PASSED, refuse } from '../../../src/lib/outcome.ts';
import {
  checkChosen,
  checkIdIsFree,
  checkProfile,
  checkProvided,
  checkResources,
  checkSameKind,
  isOtherClient,
  isSameRegistration,
} from '../../../src/oauth/clients/client-id-and-resource-rules.ts';
import { CALLBACK } from '../../support/flow.ts';
import { startServer, type TestServer } from '../../support/server.ts';
import { newPerson } from '../authorization/signed-in.ts';
import { clientOf } from './client-value.ts';

const API = 'https://api.example.com';

let server: TestServer;
let sub: string;
beforeAll(async () => {
  server = await startServer();
  sub = await newPerson(server, 'alice');
  await server.client({ client_id: 'app', redirect_uris: [CALLBACK] });
  await server.client({ client_id: 'api', grant_types: ['client_credentials'], resources: [API, 'urn:api'] });
});
afterAll(() => server.stop());

const reasonOf = (outcome: unknown) => (isRefusal(outcome) ? outcome.reason : outcome);

describe('what is chosen for a new client', () => {
  it('is a client_id of 128 characters at most, which no request has to escape', () => {
    for (const client_id of ['a', 'a'.repeat(128), 'A-z0._~9'])
      expect(checkChosen({ client_id })).toBe(PASSED);
    for (const client_id of ['', 'a'.repeat(129), 'a b', 'a/b', 'ä', 'a:b', 'a\n'])
      expect(reasonOf(checkChosen({ client_id })), client_id).toBe('malformed_client_id');
  });

  it('RFC 6749 §10.10 is a secret of 22 to 1,024 characters without a control character', () => {
    for (const length of [22, 1024]) expect(checkChosen({ client_secret: 'x'.repeat(length) })).toBe(PASSED);
    expect(reasonOf(checkChosen({ client_secret: 'x'.repeat(21) }))).toBe('short_client_secret');
    expect(reasonOf(checkChosen({ client_secret: 'x'.repeat(1025) }))).toBe('long_client_secret');
    for (const control of ['\n', '\t', '\u0000', '\u0085'])
      expect(reasonOf(checkChosen({ client_secret: 'x'.repeat(30) + control }))).toBe(
        'malformed_client_secret',
      );
    expect(checkChosen({})).toBe(PASSED);
  });

  it('is a profile that there is, and that is whole unless the operator takes it unfinished', () => {
    const whole = { unfinished_profiles: false };
    expect(checkProfile('oidc', whole)).toBe('oidc');
    expect(reasonOf(checkProfile('fapi2', whole))).toBe('profile_not_whole');
    expect(checkProfile('fapi2', { unfinished_profiles: true })).toBe('fapi2');
    for (const name of ['', 'OIDC', 'constructor'])
      expect(reasonOf(checkProfile(name, { unfinished_profiles: true })), name).toBe('unknown_profile');
  });

  it('is provided where what must succeed besides says so in its word', async () => {
    const { db } = server.gatehouse;
    const conflict = refuse('conflict' as const, 'wrong_initial_access_token', 'spent');
    expect(await db.write((tx) => checkProvided(tx, {}))).toBe(PASSED);
    expect(await db.write((tx) => checkProvided(tx, { provided: async () => 'provided' }))).toBe(PASSED);
    expect(await db.write((tx) => checkProvided(tx, { provided: async () => conflict }))).toBe(conflict);
    const silent = { provided: async () => undefined as never };
    expect(await db.write((tx) => checkProvided(tx, silent))).not.toBe(PASSED);
  });
});

it('Q12 a client_id is that of no client, no person and no resource', async () => {
  const free = async (client_id: string) =>
    reasonOf(await server.gatehouse.db.write((tx) => checkIdIsFree(tx, client_id)));
  expect(await free('new')).toBe(PASSED);
  expect(await free('app')).toBe('client_id_taken');
  expect(await free(sub)).toBe('client_id_taken');
  expect(await free('urn:api')).toBe('client_id_as_resource');
  expect(await free(API)).toBe('client_id_as_resource');
});

describe('a resource', () => {
  const told = async (resources: readonly string[], owner = 'new', default_resource?: string) => {
    const metadata = { ...clientOf().metadata, resources, default_resource };
    const { db, settings } = server.gatehouse;
    return reasonOf(await db.write((tx) => checkResources(tx, settings.issuer, metadata, owner)));
  };

  it('has one resource server, in whichever of its two spellings', async () => {
    expect(await told(['https://new.example'])).toBe(PASSED);
    expect(await told([API], 'api')).toBe(PASSED);
    for (const resource of [API, `${API}/`]) expect(await told([resource]), resource).toBe('resource_taken');
  });

  it('RFC 9068 §5 is no client and not the issuer', async () => {
    expect(await told(['app'])).toBe('client_id_as_resource');
    for (const resource of [server.issuer, `${server.issuer}/`])
      expect(await told([resource]), resource).toBe('issuer_as_resource');
  });

  it('that is a default is registered, by this client or another', async () => {
    expect(await told([], 'new', API)).toBe(PASSED);
    expect(await told(['https://new.example'], 'new', 'https://new.example/')).toBe(PASSED);
    expect(await told([], 'new', 'https://new.example')).toBe('unregistered_default_resource');
  });
});

describe('a client that is changed', () => {
  it('RFC 6749 §2.1 stays confidential or public', () => {
    const [web, spa] = [clientOf(), clientOf({ token_endpoint_auth_method: 'none' })];
    expect(checkSameKind(web, { ...web.metadata, token_endpoint_auth_method: 'private_key_jwt' })).toBe(
      PASSED,
    );
    expect(reasonOf(checkSameKind(web, spa.metadata))).toBe('type_change');
    expect(reasonOf(checkSameKind(spa, web.metadata))).toBe('type_change');
  });

  it('gets no redirects in clear text where it registered itself', () => {
    const { metadata } = clientOf();
    const insecure = { ...metadata, insecure_redirect_uris: true };
    expect(checkSameKind(clientOf(), insecure)).toBe(PASSED);
    const own = clientOf({}, { registrationTokenHash: 'hash' });
    expect(reasonOf(checkSameKind(own, insecure))).toBe('refused_insecure_redirects');
  });

  it('A076 is another one for people where they were asked about something else', () => {
    const [operators, own] = [clientOf(), clientOf({}, { registrationTokenHash: 'hash' })];
    const changed = (members: object) => ({ ...operators.metadata, ...members });
    for (const members of [{ client_name: 'Other' }, { redirect_uris: [] }, { scope: 'openid' }])
      expect(isOtherClient(operators, changed(members)), JSON.stringify(members)).toBe(true);
    for (const members of [{ logo_uri: 'https://a.example' }, { jwks_uri: 'https://a.example' }]) {
      expect(isOtherClient(operators, changed(members)), JSON.stringify(members)).toBe(false);
      expect(isOtherClient(own, changed(members)), JSON.stringify(members)).toBe(true);
    }
    expect(isOtherClient(own, changed({ contacts: ['a'] }))).toBe(false);
  });

  it('is the one that its registration access token was checked for', () => {
    const of = (registrationTokenHash: string | undefined) => clientOf({}, { registrationTokenHash });
    expect(isSameRegistration(of('a'), of('a'))).toBe(true);
    expect(isSameRegistration(of('b'), of('a'))).toBe(false);
    expect(isSameRegistration(of(undefined), of('a'))).toBe(false);
  });
});

/** What is sent by the thousand costs no more than what may be sent: each wrong entry would be an error of its own. */
import { generateKeyPairSync } from 'node:crypto';
import { expect, it } from 'vitest';
import { z } from 'zod';
import { registeredClaims } from '../../../src/lib/jwt-claim-schemas.ts';
import { createLog } from '../../../src/lib/log.ts';
import { isRefusal } from '../../../src/lib/outcome.ts';
import { readJwt } from '../../../src/lib/read-unverified-jwt.ts';
import { checkClaimsRequest } from '../../../src/oauth/claims-request.ts';
import { findSectorFault } from '../../../src/oauth/clients/check-sector-identifier-uri.ts';
import { acceptMetadata } from '../../../src/oauth/clients/complete-and-check-metadata.ts';

const URI = 'https://app.example/cb';
const RULES = {
  profile: 'oidc',
  development: false,
  grantTypes: [
    { grantType: 'authorization_code', forUser: true, confidentialOnly: false, selfRegistered: true },
    { grantType: 'refresh_token', forUser: true, confidentialOnly: false, selfRegistered: true },
  ],
  authMethods: [{ name: 'client_secret_basic', credential: 'secret' }],
} as const;

function listOf<Entry>(length: number, entry: (index: number) => Entry): Entry[] {
  return Array.from({ length }, (_, index) => entry(index));
}

it('the claims parameter: a hundred names in a place and a hundred values are the most', () => {
  const named = (count: number) => ({ userinfo: Object.fromEntries(listOf(count, (n) => [`c${n}`, null])) });
  const wished = (count: number) => ({ id_token: { email: { values: listOf(count, String) } } });
  const listed = (count: number) => ({ id_token: { email: { value: listOf(count, String) } } });
  for (const request of [named, wished, listed]) {
    expect(isRefusal(checkClaimsRequest(JSON.stringify(request(100))))).toBe(false);
    expect(checkClaimsRequest(JSON.stringify(request(101)))).toMatchObject({ reason: 'malformed_claims' });
  }
});

it('the header of a JWT: a hundred certificates are the most', () => {
  const encode = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');
  const jwt = (x5c: readonly string[]) => `${encode({ alg: 'ES256', x5c })}.${encode({ sub: 'x' })}.AAAA`;
  const read = (count: number) => readJwt(jwt(listOf(count, String)), 16_384, z.object(registeredClaims));
  expect(read(100)).toBeDefined();
  expect(read(101)).toBeUndefined();
});

it('response_modes: twenty are the most', async () => {
  const modes = (count: number) => ({
    client_name: 'App',
    redirect_uris: [URI],
    response_modes: listOf(count, () => 'query'),
  });
  expect(isRefusal(await acceptMetadata(modes(20), RULES))).toBe(false);
  expect(await acceptMetadata(modes(21), RULES)).toMatchObject({ reason: 'malformed_metadata' });
});

it('the keys of a registration are opened in a turn of the event loop each', async () => {
  const key = () => generateKeyPairSync('ec', { namedCurve: 'P-521' }).publicKey.export({ format: 'jwk' });
  const jwks = { keys: listOf(20, key) };
  let turns = 0;
  let isOver = false;
  const count = () => {
    turns += 1;
    if (!isOver) setImmediate(count);
  };
  setImmediate(count);
  expect(isRefusal(await acceptMetadata({ client_name: 'App', redirect_uris: [URI], jwks }, RULES))).toBe(
    false,
  );
  isOver = true;
  expect(turns).toBeGreaterThanOrEqual(20);
});

it('redirect_uris that no client may have are compared with no list, and nothing is fetched for them', async () => {
  const { fetched, faultOf } = sectorOf('["a"]');
  for (const redirect_uris of [listOf(51, () => URI), listOf(30_000, () => 1), 'a', [null]])
    expect(await faultOf(redirect_uris)).toBeUndefined();
  expect(fetched).toEqual([]);
});

it('a list of a sector with thousands of entries that are no texts is one short line in the log', async () => {
  const { lines, faultOf } = sectorOf(JSON.stringify(listOf(30_000, () => 1)));
  expect(await faultOf([URI])).toContain('could not be read');
  expect(lines).toHaveLength(1);
  expect(lines[0]?.length).toBeLessThan(1000);
});

function sectorOf(document: string) {
  const lines: string[] = [];
  const fetched: string[] = [];
  const log = createLog({ level: 'debug' }, { write: (line: string) => void lines.push(line) });
  const sector_identifier_uri = 'https://app.example/list.json';
  const outbound = async ({ url }: { readonly url: string }) => {
    fetched.push(url);
    return { status: 200, headers: {}, body: Buffer.from(document) };
  };
  const faultOf = (redirect_uris: unknown) =>
    findSectorFault({ outbound, log }, { sector_identifier_uri, redirect_uris });
  return { lines, fetched, faultOf };
}

/** Every way in which an authorization request is refused before anybody is asked, in the order of the rules. */
import { setClientDisabled } from '../../../src/oauth/clients/disable-and-enable-client.ts';
import { CALLBACK, newPkce, type Registered } from '../../support/flow.ts';
import type { TestServer } from '../../support/server.ts';

/** What differs from a request that is taken; undefined leaves the parameter out, a list repeats it. */
export type Changes = Readonly<Record<string, string | readonly string[] | undefined>>;

export interface RefusedCase {
  readonly name: string;
  /** Which of {@link makeClients} asks; `web` where it is left out. */
  readonly client?: ClientName;
  readonly changes: Changes;
}

const EMPTY_CLAIMS = '{"userinfo":{"email":null}}';
const MANY = JSON.stringify({
  userinfo: Object.fromEntries(Array.from({ length: 101 }, (_, n) => [`c${n}`, null])),
});
const claims = (request: unknown) => ({ claims: JSON.stringify(request) });

const BOOKS = 'https://books.example.com/';

const metadataOf = {
  web: { scope: 'openid profile email', redirect_uris: [CALLBACK] },
  spa: { scope: 'openid', redirect_uris: [CALLBACK], token_endpoint_auth_method: 'none' },
  several: { redirect_uris: [CALLBACK, 'https://app.example.com/other'] },
  machine: { grant_types: ['client_credentials'], redirect_uris: [CALLBACK], scope: 'reports' },
  plain: { scope: 'profile email', redirect_uris: [CALLBACK] },
  strict: { redirect_uris: [CALLBACK], require_pkce: true },
  always: { redirect_uris: [CALLBACK], profile: 'oauth2.1' },
  cleartext: { redirect_uris: ['http://192.168.1.5/cb'], insecure_redirect_uris: true },
  posted: { redirect_uris: [CALLBACK], response_modes: ['form_post'] },
  fragments: { redirect_uris: [CALLBACK], token_endpoint_auth_method: 'none', response_modes: ['fragment'] },
  api: { redirect_uris: [CALLBACK], default_resource: BOOKS },
  off: { redirect_uris: [CALLBACK] },
} as const;

export type ClientName = keyof typeof metadataOf;
export type Clients = Readonly<Record<ClientName, Registered>>;

/** Their names are their client_ids, so that what is said of them is the same each time. */
export async function makeClients(server: TestServer): Promise<Clients> {
  await server.client({ client_id: 'books', redirect_uris: [CALLBACK], resources: [BOOKS] });
  const made = Object.entries(metadataOf).map(async ([client_id, metadata]) => {
    const client = await server.client({ scope: 'openid profile', ...metadata, client_id });
    return [client_id, client] as const;
  });
  const clients = Object.fromEntries(await Promise.all(made)) as Clients;
  for (const client_id of ['books', 'off']) await setClientDisabled(server.gatehouse, client_id, true);
  return clients;
}

/** A request that leads to the sign-in page. */
export function pairsOf({ client }: Registered, changes: Changes): [string, string][] {
  const request: Changes = {
    response_type: 'code',
    client_id: client.client_id,
    redirect_uri: client.metadata.redirect_uris[0],
    code_challenge: newPkce().code_challenge,
    code_challenge_method: 'S256',
    scope: 'openid',
    state: 'kept',
    ...changes,
  };
  return Object.entries(request).flatMap(([name, value]) =>
    (value === undefined ? [] : [value].flat()).map((one): [string, string] => [name, one]),
  );
}

const WITHOUT_PKCE = { code_challenge: undefined, code_challenge_method: undefined };

/** Shown, as nobody knows yet whether the redirect is the client's. RFC 6749 §4.1.2.1 */
export const ofTarget: readonly RefusedCase[] = [
  { name: 'client_id twice', changes: { client_id: ['web', 'web'] } },
  { name: 'no client_id', changes: { client_id: undefined } },
  { name: 'an empty client_id', changes: { client_id: '' } },
  { name: 'an unknown client', changes: { client_id: 'nobody' } },
  { name: 'a client that is switched off', client: 'off', changes: {} },
  { name: 'redirect_uri twice', changes: { redirect_uri: [CALLBACK, CALLBACK] } },
  { name: 'no redirect_uri, with openid', changes: { redirect_uri: undefined, scope: 'openid' } },
  {
    name: 'no redirect_uri, where several are registered',
    client: 'several',
    changes: { redirect_uri: undefined, scope: 'profile' },
  },
  { name: 'a redirect_uri with a member of the answer', changes: { redirect_uri: `${CALLBACK}?code=x` } },
  { name: 'a redirect_uri that is not registered', changes: { redirect_uri: `${CALLBACK}/` } },
];

/** Told to the client, in the order in which they are looked at; each is of the client `web`, or says whose it is. */
export const ofRequest: readonly RefusedCase[] = [
  { name: 'scope twice', changes: { scope: ['openid', 'openid'] } },
  { name: 'an unknown parameter twice', changes: { 'ä b': ['1', ''] } },
  { name: 'state twice', changes: { state: ['one', 'two'] } },
  { name: 'response_mode twice', changes: { response_mode: ['form_post', 'form_post'] } },
  { name: 'request', changes: { request: 'a.b.c' } },
  { name: 'request_uri', changes: { request_uri: 'https://app.example.com/request' } },
  { name: 'registration', changes: { registration: '{}' } },
  { name: 'no response_type', changes: { response_type: undefined } },
  { name: 'response_type token', changes: { response_type: 'token' } },
  { name: 'response_type code id_token', changes: { response_type: 'code id_token' } },
  { name: 'a client without the code grant', client: 'machine', changes: {} },
  { name: 'an unknown response_mode', changes: { response_mode: 'pigeon' } },
  { name: 'response_mode fragment of a server', changes: { response_mode: 'fragment' } },
  { name: 'a response_mode that is not registered', client: 'posted', changes: { response_mode: 'query' } },
  { name: 'a malformed scope', changes: { scope: '"' } },
  { name: 'a scope that the client may not have', changes: { scope: 'phone' } },
  { name: 'no code_challenge of a public client', client: 'spa', changes: WITHOUT_PKCE },
  {
    name: 'no code_challenge and no openid',
    client: 'plain',
    changes: { ...WITHOUT_PKCE, scope: 'profile' },
  },
  { name: 'no code_challenge with require_pkce', client: 'strict', changes: WITHOUT_PKCE },
  { name: 'no code_challenge in profile oauth2.1', client: 'always', changes: WITHOUT_PKCE },
  { name: 'no code_challenge in clear text', client: 'cleartext', changes: WITHOUT_PKCE },
  {
    name: 'no code_challenge beside its method',
    changes: { code_challenge: undefined, code_challenge_method: 'S256' },
  },
  { name: 'code_challenge_method plain', changes: { code_challenge_method: 'plain' } },
  { name: 'no code_challenge_method', changes: { code_challenge_method: undefined } },
  { name: 'a malformed code_challenge', changes: { code_challenge: 'short' } },
  { name: 'a relative resource', changes: { resource: '/api' } },
  { name: 'a resource with a fragment', changes: { resource: 'https://api.example.com/#x' } },
  { name: 'an unknown resource', changes: { resource: ['https://api.example.com/', 'x'] } },
  { name: 'an unknown audience', changes: { audience: 'https://other.example.com/' } },
  { name: 'a default_resource that is gone', client: 'api', changes: {} },
  { name: 'prompt none with login', changes: { prompt: 'none login' } },
  { name: 'a negative max_age', changes: { max_age: '-1' } },
  { name: 'an id_token_hint of nobody', changes: { id_token_hint: 'a.b.c' } },
  { name: 'claims that are no JSON', changes: { claims: '{' } },
  { name: 'claims that are a list', changes: { claims: '[]' } },
  { name: 'claims with a text for a claim', changes: claims({ userinfo: { email: 'yes' } }) },
  { name: 'claims with too many names', changes: { claims: MANY } },
  { name: 'claims with two subs', changes: claims({ userinfo: { sub: { values: ['a', 'b'] } } }) },
  { name: 'claims with a number for sub', changes: claims({ id_token: { sub: { value: 1 } } }) },
  { name: 'claims with a number for acr', changes: claims({ id_token: { acr: { value: 1 } } }) },
  {
    name: 'an essential acr out of reach',
    changes: claims({ id_token: { acr: { essential: true, value: 'x' } } }),
  },
  {
    name: 'an essential acr out of reach in acr_values',
    changes: { ...claims({ id_token: { acr: { essential: true } } }), acr_values: 'x y' },
  },
  { name: 'nobody who is signed in', changes: { prompt: 'none' } },
  { name: 'nobody who is signed in, with claims', changes: { prompt: 'none', claims: EMPTY_CLAIMS } },
];

/** The ways in which an answer travels. */
export const byMode: readonly RefusedCase[] = [
  { name: 'by form_post', changes: { response_mode: 'form_post', response_type: 'token' } },
  { name: 'by fragment', client: 'spa', changes: { response_mode: 'fragment', response_type: 'token' } },
  { name: 'by the only mode of the client', client: 'fragments', changes: { response_mode: 'form_post' } },
  {
    name: 'to a redirect_uri that was left out',
    client: 'plain',
    changes: { redirect_uri: undefined, scope: 'profile', response_type: 'token' },
  },
];

/** Shown, although the redirect is the client's: a redirect would send it on. Too long for an address. */
export const tooLong: RefusedCase = {
  name: 'more than may be stored',
  changes: {
    state: 's'.repeat(4000),
    ...claims({ userinfo: { email: { value: 'x'.repeat(14_000) } } }),
  },
};

/** What comes to the query of `web`: it is refused before anything is looked at. */
export const unreadable: Readonly<Record<string, string>> = {
  'a broken percent-encoding': '&nonce=%zz',
  'what is no UTF-8': '&nonce=%ff',
  'a NUL character': '&nonce=%00',
  'a state that is too long': `&state=${'s'.repeat(4097)}`,
  'more than 100 parameters': '&x=1'.repeat(101),
};

const ANOTHER_SUB = claims({ userinfo: { sub: { value: 'another' } } });

/** By the browser of somebody who allowed openid to `web` before, whose ID token is sent as id_token_hint. */
export const ofSomebody = (id_token_hint: string): readonly RefusedCase[] => [
  { name: 'claims and id_token_hint of different users', changes: { id_token_hint, ...ANOTHER_SUB } },
  { name: 'silently, another user', changes: { prompt: 'none', ...ANOTHER_SUB } },
  { name: 'silently, a scope that was not allowed yet', changes: { prompt: 'none', scope: 'openid email' } },
  { name: 'silently, after max_age', changes: { prompt: 'none', max_age: '0' } },
  { name: 'silently, claims that were not allowed yet', changes: { prompt: 'none', claims: EMPTY_CLAIMS } },
];

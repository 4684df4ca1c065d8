/** The steps of the code flow, as a client and a user perform them, over real HTTP. */
import { createHash, randomBytes } from 'node:crypto';
import type { Client } from '../../src/oauth/clients/client.ts';
import { type AuditEventRow, listAuditEvents } from '../../src/storage/tables/audit-log.ts';
import { PASSWORD, type TestServer } from './server.ts';
import { createUserAgent, type Page, type UserAgent } from './user-agent.ts';

export const CALLBACK = 'https://app.example.com/cb';

export interface Registered {
  readonly client: Client;
  readonly client_secret: string | undefined;
}

export interface Answer {
  readonly status: number;
  // biome-ignore lint/suspicious/noExplicitAny: tests check the response member by member
  readonly body: any;
  readonly headers: Headers;
}

export interface Pkce {
  readonly code_verifier: string;
  readonly code_challenge: string;
}

export function newPkce(): Pkce {
  const code_verifier = randomBytes(32).toString('base64url');
  return { code_verifier, code_challenge: createHash('sha256').update(code_verifier).digest('base64url') };
}

/** A confidential web client with client_secret_basic. */
export function confidentialClient(
  server: TestServer,
  metadata: Record<string, unknown> = {},
): Promise<Registered> {
  return server.client({ redirect_uris: [CALLBACK], ...metadata });
}

/** A public web client, whose consent is remembered. */
export function publicClient(
  server: TestServer,
  metadata: Record<string, unknown> = {},
): Promise<Registered> {
  return server.client({ redirect_uris: [CALLBACK], token_endpoint_auth_method: 'none', ...metadata });
}

export function authorizeUrl(server: TestServer, parameters: Record<string, string | string[]>): string {
  const query = new URLSearchParams();
  for (const [name, value] of Object.entries(parameters)) {
    for (const one of [value].flat()) query.append(name, one);
  }
  return `${server.issuer}/authorize?${query}`;
}

export function requestOf(
  client: Client,
  pkce: Pkce,
  more: Record<string, string> = {},
): Record<string, string> {
  return {
    response_type: 'code',
    client_id: client.client_id,
    redirect_uri: client.metadata.redirect_uris[0] ?? '',
    code_challenge: pkce.code_challenge,
    code_challenge_method: 'S256',
    scope: 'openid',
    ...more,
  };
}

/** Signs in and consents, whichever page is shown; gives the page that redirects to the client. */
export async function passPages(agent: UserAgent, page: Page, username = 'alice'): Promise<Page> {
  let current = page;
  if (current.body.includes('name="password"')) {
    current = await agent.submit(current, { username, password: PASSWORD });
  }
  if (current.body.includes('id="allow"')) current = await agent.submit(current, { decision: 'allow' });
  return current;
}

export interface Authorized {
  readonly code: string;
  readonly pkce: Pkce;
  readonly agent: UserAgent;
  /** The authorization response's parameters. */
  readonly response: URLSearchParams;
}

/** The whole front channel: from the authorization request to the code. */
export async function authorize(
  server: TestServer,
  client: Client,
  options: { more?: Record<string, string>; agent?: UserAgent; username?: string; pkce?: Pkce } = {},
): Promise<Authorized> {
  const agent = options.agent ?? createUserAgent(server.issuer);
  const pkce = options.pkce ?? newPkce();
  const opened = await agent.open(authorizeUrl(server, requestOf(client, pkce, options.more)));
  const page = await passPages(agent, opened, options.username);
  if (page.location === undefined) throw new Error(`no redirect: ${page.status} ${page.url}\n${page.body}`);
  const response = new URL(page.location).searchParams;
  return { code: response.get('code') ?? '', pkce, agent, response };
}

export function basic(client_id: string, client_secret: string): string {
  const encode = (text: string) => encodeURIComponent(text);
  return `Basic ${Buffer.from(`${encode(client_id)}:${encode(client_secret)}`).toString('base64')}`;
}

/** A form POST, authenticated as the client is registered. */
export async function post(
  server: TestServer,
  path: string,
  body: Record<string, string> | URLSearchParams | string,
  as?: Registered,
  headers: Record<string, string> = {},
): Promise<Answer> {
  const form = new URLSearchParams(body as Record<string, string>);
  const sent: Record<string, string> = { 'content-type': 'application/x-www-form-urlencoded', ...headers };
  if (as && as.client.metadata.token_endpoint_auth_method === 'client_secret_basic') {
    sent.authorization ??= basic(as.client.client_id, as.client_secret ?? '');
  } else if (as) {
    form.set('client_id', as.client.client_id);
    if (as.client.metadata.token_endpoint_auth_method === 'client_secret_post') {
      form.set('client_secret', as.client_secret ?? '');
    }
  }
  return answerOf(
    await fetch(`${server.issuer}${path}`, { method: 'POST', body: form.toString(), headers: sent }),
  );
}

export async function answerOf(response: Response): Promise<Answer> {
  const text = await response.text();
  let body: unknown = text;
  try {
    body = JSON.parse(text);
  } catch {
    // The body is not JSON; tests check its text.
  }
  return { status: response.status, body, headers: response.headers };
}

/** Redeems a code. */
export function redeem(
  server: TestServer,
  as: Registered,
  authorized: Authorized,
  more: Record<string, string> = {},
): Promise<Answer> {
  return post(
    server,
    '/token',
    {
      grant_type: 'authorization_code',
      code: authorized.code,
      redirect_uri: as.client.metadata.redirect_uris[0] ?? '',
      code_verifier: authorized.pkce.code_verifier,
      ...more,
    },
    as,
  );
}

export function refresh(
  server: TestServer,
  as: Registered,
  refresh_token: string,
  more: Record<string, string> = {},
): Promise<Answer> {
  return post(server, '/token', { grant_type: 'refresh_token', refresh_token, ...more }, as);
}

export async function userinfo(server: TestServer, access_token: string): Promise<Answer> {
  const headers = { authorization: `Bearer ${access_token}` };
  return answerOf(await fetch(`${server.issuer}/userinfo`, { headers }));
}

/** The reason of the last refusal in the audit. */
export async function lastReason(server: TestServer): Promise<string | undefined> {
  const events = await auditEvents(server);
  return events.find((event) => event.reason !== undefined)?.reason;
}

/** All that the audit log holds, newest first. */
export async function auditEvents({ gatehouse }: TestServer): Promise<AuditEventRow[]> {
  await gatehouse.audit.flush();
  const { events } = await listAuditEvents(gatehouse.db, { limit: 100_000 });
  return events.sort((one, other) => other.at - one.at);
}

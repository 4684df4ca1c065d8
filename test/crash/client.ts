/** The requests of the workload: each answered, or thrown where the server went away. */
import { createHash, randomBytes } from 'node:crypto';
import { createUserAgent, type Page, type UserAgent } from '../support/user-agent.ts';
import type { Gatehouse } from './server-process.ts';

export const CALLBACK = 'https://app.example.com/cb';
export const PASSWORD = 'correct horse battery staple';

export interface Clients {
  /** Public, with refresh tokens. */
  readonly app: string;
  /** Public: its consent is given and taken back. */
  readonly shy: string;
  readonly machine: { readonly client_id: string; readonly client_secret: string };
}

export interface Answer {
  readonly status: number;
  // biome-ignore lint/suspicious/noExplicitAny: what comes over the wire is looked at member by member
  readonly body: any;
  readonly retryAfterSeconds: number;
}

export const newVerifier = () => randomBytes(32).toString('base64url');

export async function post(
  gatehouse: Gatehouse,
  path: string,
  form: Record<string, string>,
  machine?: Clients['machine'],
): Promise<Answer> {
  const headers: Record<string, string> = { 'content-type': 'application/x-www-form-urlencoded' };
  if (machine) headers.authorization = `Basic ${btoa(`${machine.client_id}:${machine.client_secret}`)}`;
  const response = await fetch(gatehouse.origin + path, {
    method: 'POST',
    headers,
    body: new URLSearchParams(form).toString(),
  });
  const text = await response.text();
  return {
    status: response.status,
    body: text.startsWith('{') ? JSON.parse(text) : text,
    retryAfterSeconds: Number(response.headers.get('retry-after') ?? 0),
  };
}

export function authorizeUrl(gatehouse: Gatehouse, client_id: string, verifier: string, more = {}): string {
  const query = new URLSearchParams({
    response_type: 'code',
    client_id,
    redirect_uri: CALLBACK,
    scope: 'openid',
    code_challenge: createHash('sha256').update(verifier).digest('base64url'),
    code_challenge_method: 'S256',
    ...more,
  });
  return `${gatehouse.origin}/authorize?${query}`;
}

/** A signed-in browser, from an address of its own. */
export async function signIn(gatehouse: Gatehouse, username: string): Promise<UserAgent> {
  const agent = newBrowser(gatehouse);
  const page = await agent.open(`${gatehouse.origin}/login`);
  await agent.submit(page, { username, password: PASSWORD });
  if (cookieOf(agent) === '') throw new Error(`${username} could not sign in`);
  return agent;
}

export function newBrowser(gatehouse: Gatehouse): UserAgent {
  const [a = 0, b = 0] = randomBytes(2);
  return createUserAgent(gatehouse.origin, { 'x-forwarded-for': `203.0.${a}.${b}` });
}

export function cookieOf(agent: UserAgent): string {
  const session = [...agent.cookies].find(([name]) => /session(?:_[\w-]{8})?$/.test(name));
  return session === undefined ? '' : session.join('=');
}

/** Opens the authorization request and allows where that is asked; gives the response's parameters. */
export async function authorize(agent: UserAgent, url: string): Promise<URLSearchParams> {
  const page = await agent.open(url);
  const last = page.body.includes('id="allow"') ? await agent.submit(page, { decision: 'allow' }) : page;
  return responseOf(last);
}

export function responseOf(page: Page): URLSearchParams {
  refuseFault(page.status, page.url.replace(/\?.*/, ''));
  return page.location === undefined ? new URLSearchParams() : new URL(page.location).searchParams;
}

/** 503 is an honest answer: nothing happened that anybody may rely on. Anything else above 499 is a fault. */
export function refuseFault(status: number, what: string): void {
  if (status === 503) throw new Error('busy');
  if (status >= 500) throw new Unexpected(status, what);
}

/** A status that no crash excuses. */
export class Unexpected extends Error {
  constructor(status: number, what: string) {
    super(`status ${status} from ${what}`);
  }
}

/** The protocol steps that several workloads take, on one connection. */
import { createHash, randomBytes } from 'node:crypto';
import { type Connection, headerOf, requestText } from './connection.ts';
import type { Subject } from './subject.ts';
import { expectStatus } from './workload.ts';

export interface Tokens {
  readonly access_token: string;
  readonly refresh_token?: string;
  readonly id_token?: string;
}

// RFC 7636 §4.1: one verifier serves a whole run, as making it is the client's work and not the server's.
const code_verifier = randomBytes(32).toString('base64url');
const code_challenge = createHash('sha256').update(code_verifier).digest('base64url');

export function basic({ web }: Subject): Record<string, string> {
  return { authorization: `Basic ${btoa(`${web.client_id}:${web.client_secret}`)}` };
}

export function hostOf(subject: Subject): string {
  return `localhost:${subject.port}`;
}

export function authorizePath(authorize: string, client: Subject['app'], scope: string): string {
  const query = new URLSearchParams({
    response_type: 'code',
    client_id: client.client_id,
    redirect_uri: client.redirect_uri,
    scope,
    state: 'benchmark',
    code_challenge,
    code_challenge_method: 'S256',
  });
  return `${authorize}?${query}`;
}

export function authorizeText(subject: Subject, client: Subject['app'], scope: string): string {
  const path = authorizePath(subject.paths.authorize, client, scope);
  return requestText(hostOf(subject), { method: 'GET', path, headers: { cookie: subject.cookie } });
}

/** Two requests: /authorize with a live session, then /token. */
export async function codeFlow(
  subject: Subject,
  connection: Connection,
  authorize: string,
  client: Subject['app'],
  headers: Record<string, string> = {},
): Promise<Tokens> {
  const redirect = expectStatus(await connection.send(authorize), 302, 303);
  const code = new URL(headerOf(redirect, 'location') ?? '').searchParams.get('code');
  if (code === null) throw new Error(`no code in ${headerOf(redirect, 'location')}`);
  const form = {
    grant_type: 'authorization_code',
    code,
    redirect_uri: client.redirect_uri,
    code_verifier,
    ...(headers.authorization === undefined && { client_id: client.client_id }),
  };
  return askToken(subject, connection, form, headers);
}

export async function askToken(
  subject: Subject,
  connection: Connection,
  form: Record<string, string>,
  headers: Record<string, string> = {},
): Promise<Tokens> {
  const text = requestText(hostOf(subject), { method: 'POST', path: subject.paths.token, headers, form });
  return JSON.parse(expectStatus(await connection.send(text), 200).body);
}

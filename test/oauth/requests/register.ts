/** Requests of an app about its own registration. RFC 7591 §3, RFC 7592 §2 */
import { type Answer, answerOf, CALLBACK } from '../../support/flow.ts';
import type { TestServer } from '../../support/server.ts';

export type Members = Record<string, unknown>;

export async function send(url: string, method: string, body?: unknown, token?: string): Promise<Answer> {
  const headers: Record<string, string> = {
    ...(body !== undefined && { 'content-type': 'application/json' }),
    ...(token !== undefined && { authorization: `Bearer ${token}` }),
  };
  const text = body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) };
  return answerOf(await fetch(url, { method, headers, ...text }));
}

export const register = (server: TestServer, metadata: Members = {}, token?: string) =>
  send(`${server.issuer}/register`, 'POST', { redirect_uris: [CALLBACK], ...metadata }, token);

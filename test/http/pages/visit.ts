/** What the tests of the pages share: a browser at a server, and the headers that a page must have. */
import { expect } from 'vitest';
import { authorizeUrl, newPkce, type Registered, requestOf } from '../../support/flow.ts';
import { PASSWORD, type TestServer } from '../../support/server.ts';
import { createUserAgent, type Page, type UserAgent } from '../../support/user-agent.ts';

export interface Visit {
  at(path: string): string;
  newAgent(): UserAgent;
  /** A browser in which the user is signed in. */
  signIn(username?: string): Promise<UserAgent>;
  /** A form POST with these fields and no header of a browser's. */
  post(
    agent: UserAgent,
    path: string,
    fields: Record<string, string>,
    headers?: Record<string, string>,
  ): Promise<Page>;
  /** Begins an authorization and follows it to the first page. */
  start(agent: UserAgent, app: Registered, more?: Record<string, string>): Promise<Page>;
}

export function visitTo(server: TestServer): Visit {
  const at = (path: string) => `${server.issuer}${path}`;
  const newAgent = () => createUserAgent(server.issuer);
  return {
    at,
    newAgent,
    async signIn(username = 'alice') {
      const agent = newAgent();
      await agent.submit(await agent.open(at('/login')), { username, password: PASSWORD });
      return agent;
    },
    post: (agent, path, fields, headers = {}) =>
      agent.fetch(at(path), { method: 'POST', body: new URLSearchParams(fields), headers }),
    start: (agent, app, more = {}) =>
      agent.open(authorizeUrl(server, requestOf(app.client, newPkce(), more))),
  };
}

export function expectPageHeaders({ headers }: Page, options: { leavesOrigin: boolean }): void {
  const policy = headers.get('content-security-policy') ?? '';
  for (const part of ["default-src 'none'", "base-uri 'none'", "frame-ancestors 'none'"])
    expect(policy).toContain(part);
  expect(policy).not.toContain('unsafe');
  expect(policy.includes("form-action 'self'")).toBe(!options.leavesOrigin);
  expect(headers.get('x-frame-options')).toBe('DENY');
  expect(headers.get('referrer-policy')).toBe('same-origin');
  expect(headers.get('cache-control')).toBe('no-store');
  expect(headers.get('cross-origin-opener-policy')).toBeNull();
}

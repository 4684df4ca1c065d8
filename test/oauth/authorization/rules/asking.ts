/** What the tests of the rules share: one authorization request of nobody who is signed in. */
import { vi } from 'vitest';
import { authorizeUrl, newPkce, type Registered, requestOf } from '../../../support/flow.ts';
import type { TestServer } from '../../../support/server.ts';
import { createUserAgent } from '../../../support/user-agent.ts';

type Changes = Record<string, string | string[] | undefined>;

/** The query of a request that is right but for the changes; undefined leaves a parameter out. */
export function asked(app: Registered, changes: Changes = {}): Record<string, string | string[]> {
  const all = { ...requestOf(app.client, newPkce()), ...changes };
  return Object.fromEntries(Object.entries(all).filter(([, value]) => value !== undefined)) as Record<
    string,
    string | string[]
  >;
}

/** `ok` where a sign-in is what follows; else the reason of the refusal. */
export async function told(server: TestServer, app: Registered, changes: Changes = {}): Promise<string> {
  const refused = vi.spyOn(server.gatehouse.audit, 'refused');
  const page = await createUserAgent(server.issuer).fetch(authorizeUrl(server, asked(app, changes)));
  const [[event] = []] = refused.mock.calls;
  refused.mockRestore();
  if (page.location?.startsWith(`${server.issuer}/login`)) return 'ok';
  return event?.reason ?? `${page.status} ${page.location}`;
}

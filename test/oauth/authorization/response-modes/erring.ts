/** How an app is told that its request is wrong. */
import { authorizeUrl, newPkce, type Registered, requestOf } from '../../../support/flow.ts';
import type { TestServer } from '../../../support/server.ts';
import { createUserAgent } from '../../../support/user-agent.ts';

/** Where the browser goes with an error; undefined for a page of ours. */
export async function erring(
  server: TestServer,
  app: Registered,
  more: Record<string, string> = {},
): Promise<string | undefined> {
  const asked = requestOf(app.client, newPkce(), { prompt: 'none', ...more });
  const { status, location } = await createUserAgent(server.issuer).fetch(authorizeUrl(server, asked));
  return status === 200 ? 'a form' : location;
}

/** A browser that signs in and consents once, so that the measured authorizations ask nothing. */
import { createUserAgent, type UserAgent } from '../../test/support/user-agent.ts';
import { authorizePath } from '../flows.ts';

export interface Site {
  readonly origin: string;
  readonly authorize: string;
}

/** The Cookie header after one authorization for each client. */
export async function cookieAfterSignIn(
  site: Site,
  clients: readonly { client_id: string; redirect_uri: string }[],
  passPages: (agent: UserAgent, url: string) => Promise<unknown>,
): Promise<string> {
  const agent = createUserAgent(site.origin);
  for (const client of clients) {
    await passPages(agent, `${site.origin}${authorizePath(site.authorize, client, 'openid')}`);
  }
  return [...agent.cookies].map(([name, value]) => `${name}=${value}`).join('; ');
}

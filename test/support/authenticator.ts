/** An authenticator app: set up at the page of the account, as a person does it who types the key. */
import { codeAt, stepAt } from '../../src/identity/totp/totp-codes.ts';
import { passPages } from './flow.ts';
import type { TestServer } from './server.ts';
import { createUserAgent, type Page, type UserAgent } from './user-agent.ts';

/** The seed that the page shows, as a person copies it. Throws where it shows none. */
export function keyOn({ body }: Pick<Page, 'body'>): string {
  const [, key] = /<code[^>]*id="key"[^>]*>([^<]+)<\/code>/.exec(body) ?? [];
  if (key === undefined) throw new Error('the page shows no key');
  return key.replaceAll(' ', '');
}

/** What an app with this seed shows now, or `drift` steps from now. */
export function codeOf(server: TestServer, seed: string, drift = 0): string {
  return codeAt(seed, stepAt(server.clock.nowMs()) + drift);
}

/** Another code than any that is right within a few steps. */
export function wrongCode(server: TestServer, seed: string): string {
  const right = new Set([-2, -1, 0, 1, 2].map((drift) => codeOf(server, seed, drift)));
  return ['000000', '111111', '222222', '333333', '444444', '555555'].find((code) => !right.has(code)) ?? '';
}

/** The time moves on by one step, so that the next code is not spent. */
export const nextStep = (server: TestServer) => server.clock.advance(30_000);

/** Begins to set up an app in a browser that is signed in. */
export async function beginApp(server: TestServer, agent: UserAgent): Promise<Page> {
  const page = await agent.open(`${server.issuer}/account/totp`);
  return agent.submit(page, { act: 'begin' });
}

/** Sets one up whole; gives its seed. The code that enrolled is spent. */
export async function setUpApp(server: TestServer, agent: UserAgent): Promise<string> {
  const page = await beginApp(server, agent);
  const seed = keyOn(page);
  await agent.submit(page, { act: 'finish', code: codeOf(server, seed) });
  return seed;
}

/** The recovery codes that a page shows, once. */
export function recoveryCodesOn({ body }: Pick<Page, 'body'>): readonly string[] {
  const [, shown = ''] = /<pre[^>]*id="codes"[^>]*>([^<]*)<\/pre>/.exec(body) ?? [];
  return shown.split(/\s+/).filter((code) => code !== '');
}

/** A new user who has an app, the browser in which it was set up, and its seed. */
export async function userWithApp(server: TestServer, username: string) {
  const { sub } = await server.user(username);
  const agent = createUserAgent(server.issuer);
  await passPages(agent, await agent.open(`${server.issuer}/login`), username);
  const seed = await setUpApp(server, agent);
  return { sub, agent, seed };
}

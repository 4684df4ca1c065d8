/** One person who is signed in, with an app that has a consent and one of the operator's own, which needs none. */
import { randomBytes } from 'node:crypto';
import { personProven } from '../../src/identity/proof-user-was-authenticated.ts';
import { type StartedSession, startSession } from '../../src/identity/sessions/start-or-renew-session.ts';
import { createUser, type User } from '../../src/identity/users/users.ts';
import { isRefusal } from '../../src/lib/outcome.ts';
import { putConsent } from '../../src/storage/tables/consents.ts';
import { putPassword } from '../../src/storage/tables/passwords.ts';
import {
  type Authorized,
  authorizeUrl,
  CALLBACK,
  newPkce,
  type Registered,
  requestOf,
} from '../support/flow.ts';
import { PASSWORD, type TestServer } from '../support/server.ts';
import { createUserAgent, type Page, type UserAgent } from '../support/user-agent.ts';

export interface Scene {
  readonly server: TestServer;
  readonly user: User;
  readonly session: StartedSession;
  readonly app: Registered;
  readonly ownApp: Registered;
}

export type AppName = 'app' | 'ownApp';

/** `hash` is that of {@link PASSWORD}: hashing is slow, and once is enough. */
export async function newScene(server: TestServer, hash: string): Promise<Scene> {
  const user = await newUser(server, hash);
  const app = await newApp(server, {});
  const ownApp = await newApp(server, { first_party: true });
  await giveConsent(server, user.sub, app);
  return { server, user, session: await newSession(server, user.sub), app, ownApp };
}

export function hashOfPassword({ gatehouse }: TestServer): Promise<string> {
  return gatehouse.passwordHasher.hash(PASSWORD);
}

async function newUser({ gatehouse }: TestServer, hash: string): Promise<User> {
  const user = await createUser(gatehouse, {
    username: `person-${randomBytes(8).toString('hex')}`,
    claims: {},
  });
  if (isRefusal(user)) throw new Error(user.description);
  const changed_at = gatehouse.clock.nowMs();
  await gatehouse.db.write((tx) => putPassword(tx, { sub: user.sub, hash, changed_at }));
  return user;
}

function newApp(server: TestServer, more: Record<string, unknown>): Promise<Registered> {
  const token_endpoint_auth_method = 'client_secret_post';
  return server.client({ redirect_uris: [CALLBACK], token_endpoint_auth_method, ...more });
}

/** To openid; offline_access is asked for anew each time. */
export async function giveConsent({ gatehouse }: TestServer, sub: string, app: Registered): Promise<void> {
  const { client_id } = app.client;
  const nowMs = gatehouse.clock.nowMs();
  const times = { created_at: nowMs, updated_at: nowMs };
  await gatehouse.db.write((tx) =>
    putConsent(tx, { sub, client_id, access: '{"scope":["openid"]}', ...times }),
  );
}

/** Without a password: signing in is not what most races are about. */
export function newSession({ gatehouse }: TestServer, sub: string): Promise<StartedSession> {
  const source = { address: '127.0.0.1', userAgent: 'a browser', requestId: 'race' };
  return gatehouse.db.write((tx) =>
    startSession(gatehouse, tx, { proof: personProven(sub, ['pwd']), source }),
  );
}

/** A browser of the person who is signed in. */
export function browserOf({ server, session }: Scene, cookieValue = session.cookieValue): UserAgent {
  const agent = createUserAgent(server.issuer);
  agent.cookies.set(agent.names.session, cookieValue);
  return agent;
}

export interface Started {
  readonly agent: UserAgent;
  readonly page: Page;
  readonly pkce: Authorized['pkce'];
}

/** The authorization request, as far as no page is in its way. */
export async function startAuthorization(
  scene: Scene,
  name: AppName,
  more: Record<string, string>,
): Promise<Started> {
  const agent = browserOf(scene);
  const pkce = newPkce();
  const page = await agent.open(authorizeUrl(scene.server, requestOf(scene[name].client, pkce, more)));
  return { agent, page, pkce };
}

/** The code that a page brings to the app, if it does. */
export function codeOf({ agent, page, pkce }: Started): Authorized | undefined {
  const response = new URL(page.location ?? 'about:blank').searchParams;
  const code = response.get('code');
  return code === null ? undefined : { code, pkce, agent, response };
}

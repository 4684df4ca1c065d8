/** A life begins: a person, two apps, a session. */
import { randomBytes } from 'node:crypto';
import { createUser } from '../../src/identity/users/users.ts';
import { isRefusal } from '../../src/lib/outcome.ts';
import { putPassword } from '../../src/storage/tables/passwords.ts';
import { giveConsent, newSession } from '../race/scene.ts';
import { CALLBACK } from '../support/flow.ts';
import { PASSWORD, type TestServer } from '../support/server.ts';
import type { App, Life, Session } from './life.ts';
import type { World } from './world.ts';

const MADE_AT_ONCE = 20;

export async function beginLife(world: World): Promise<Life> {
  // What was made in the life before was made at another moment.
  world.clock.advance(1000);
  const server = world.node(0);
  const username = `person-${randomBytes(8).toString('hex')}`;
  const user = await createUser(server.gatehouse, { username, claims: {} });
  if (isRefusal(user)) throw new Error(user.description);
  const row = { sub: user.sub, hash: world.hash, changed_at: world.clock.nowMs() };
  await server.gatehouse.db.write((tx) => putPassword(tx, row));
  const apps = await takeApps(world, server);
  for (const { registered, isOwn } of apps) if (!isOwn) await giveConsent(server, user.sub, registered);
  const things = [await sessionBegins(server, user.sub)];
  return {
    person: { sub: user.sub, username, password: PASSWORD, isIn: true },
    apps,
    things,
    buried: new Set(),
    revokedKids: new Set(),
    backup: undefined,
    moment: 0,
  };
}

export async function sessionBegins(server: TestServer, sub: string): Promise<Session> {
  const { session, cookieValue } = await newSession(server, sub);
  return {
    kind: 'session',
    sid: session.sid,
    cookie: cookieValue,
    state: 'alive',
    seenMs: server.clock.nowMs(),
  };
}

async function takeApps(world: World, server: TestServer): Promise<App[]> {
  const spare = world.spareApps.shift();
  if (spare) return spare;
  while (world.spareApps.length < MADE_AT_ONCE) {
    world.spareApps.push([await newApp(server, false), await newApp(server, true)]);
  }
  await world.settled();
  return world.spareApps.shift() ?? [];
}

async function newApp(server: TestServer, isOwn: boolean): Promise<App> {
  const registered = await server.client({
    redirect_uris: [CALLBACK],
    token_endpoint_auth_method: 'client_secret_post',
    first_party: isOwn,
  });
  const name = isOwn ? "the operator's app" : 'the app';
  return { name, registered, isOwn, isIn: true, isConsented: !isOwn, isOfflineConsented: false };
}

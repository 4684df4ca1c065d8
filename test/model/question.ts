/** The one question: does something live whose parent does not, and does everything live that nothing ended? */
import { post, userinfo } from '../support/flow.ts';
import { redeemed } from './client-steps.ts';
import {
  type Access,
  accessOf,
  type Grant,
  grantsOf,
  type Life,
  type Session,
  type State,
  sessionsOf,
  stateOf,
  type Thing,
} from './life.ts';
import { browser, type Place, urlOf } from './step.ts';
import type { World } from './world.ts';

/** Throws where the answer is not the model's. */
export async function ask(life: Life, world: World, { all = false } = {}): Promise<void> {
  const place = { life, world, server: world.node(life.moment), nowMs: world.clock.nowMs() };
  const open = (thing: Thing) => all || !life.buried.has(thing);
  await each(sessionsOf(life).filter(open), (session) =>
    compare(place, session, () => isSession(place, session)),
  );
  await each(grantsOf(life).filter(open), (grant) => askGrant(place, grant));
  await each(accessOf(life).filter(open), (access) => compare(place, access, () => isAccess(place, access)));
}

/** At the end: nobody is kept out any more, every code is redeemed, and what was dead is asked once more. */
export async function askAtTheEnd(life: Life, world: World): Promise<void> {
  await ask(life, world, { all: true });
  const place = { life, world, server: world.node(0), nowMs: world.clock.nowMs() };
  for (const grant of grantsOf(life)) {
    if (grant.presented > 0 || stateOf(life, grant, place.nowMs) !== 'alive') continue;
    await presentForAnswer(place, grant);
  }
}

async function each<One>(from: readonly One[], act: (one: One) => Promise<void>): Promise<void> {
  await Promise.all(from.map(act));
}

async function compare(place: Place, thing: Thing, isSeen: () => Promise<boolean>): Promise<void> {
  const { life, nowMs } = place;
  const expected = stateOf(life, thing, nowMs);
  const seen: State = (await isSeen()) ? 'alive' : 'dead';
  if (expected !== 'either' && expected !== seen)
    throw new Error(`${told(thing)} is ${seen}, and must be ${expected}`);
  if (thing.kind === 'grant' && seen === 'alive') mustHaveConsent(thing);
  note(life, thing, seen, nowMs);
}

/** What was seen holds from now on. */
function note(life: Life, thing: Thing, seen: State, nowMs: number): void {
  if (seen === 'dead') life.buried.add(thing);
  if (thing.kind === 'session' && seen === 'alive') thing.seenMs = nowMs;
  // What keeps it out may be another's state: its own is decided only where that is not.
  if (thing.state === 'either') thing.state = seen;
}

function mustHaveConsent({ app }: Grant): void {
  if (!app.isOwn && !app.isConsented) throw new Error(`a grant of ${app.name} lives without a consent`);
}

function told(thing: Thing): string {
  if (thing.kind === 'session') return 'a session';
  const { app, offline, presented } = thing.kind === 'grant' ? thing : thing.grant;
  const what = thing.kind === 'grant' ? (presented === 0 ? 'a code' : 'a refresh token') : 'an access token';
  return `${what} of ${app.name}${offline ? ' (offline_access)' : ''}`;
}

/** A code is known by presenting it: only one that is not certain to live is. */
async function askGrant(place: Place, grant: Grant): Promise<void> {
  const { life, nowMs } = place;
  if (grant.presented > 0) return compare(place, grant, () => isRefresh(place, grant));
  if (stateOf(life, grant, nowMs) !== 'alive')
    await compare(place, grant, () => presentForAnswer(place, grant));
}

async function presentForAnswer(place: Place, grant: Grant): Promise<boolean> {
  const due = stateOf(place.life, grant, place.nowMs) === 'alive';
  const { through, made = [] } = await redeemed(place, grant, due);
  if (through) {
    grant.presented = 1;
    place.life.things.push(...made);
  }
  if (due && !through) throw new Error(`${told(grant)} is refused, and nothing had ended it`);
  return through;
}

async function isSession(place: Place, session: Session): Promise<boolean> {
  return (await browser(place, session).fetch(urlOf(place, '/account'))).status === 200;
}

async function isRefresh({ server }: Place, { refresh, app }: Grant): Promise<boolean> {
  const token = refresh.at(-1);
  if (token === undefined) return false;
  return (await post(server, '/introspect', { token }, app.registered)).body.active === true;
}

async function isAccess({ server }: Place, { token, grant }: Access): Promise<boolean> {
  const shown = await userinfo(server, token);
  const { body } = await post(server, '/introspect', { token }, grant.app.registered);
  if ((shown.status === 200) !== (body.active === true) && grant.app.isIn) {
    throw new Error(`userinfo says ${shown.status} where introspection says ${JSON.stringify(body)}`);
  }
  return shown.status === 200;
}

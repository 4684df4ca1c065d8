/** What people and apps do to get in: sign in, authorize, redeem, refresh; and show what was spent once more. */
import { decodeJwt, decodeProtectedHeader } from 'jose';
import {
  type Answer,
  type Authorized,
  authorizeUrl,
  newPkce,
  post,
  redeem,
  refresh,
  requestOf,
} from '../support/flow.ts';
import { grantEnds, grantMayEnd, tokenEnds } from './fates.ts';
import { sessionBegins } from './first-steps.ts';
import {
  type Access,
  type App,
  accessOf,
  type Fate,
  type Grant,
  grantsOf,
  pick,
  type Session,
  sessionsOf,
  stateOf,
} from './life.ts';
import { browser, type Outcome, type Place, type Step, urlOf } from './step.ts';

const CODE_MS = 30_000;
const GRACE_MS = 10_000;

export interface Choice {
  readonly node: number;
  readonly app: number;
  readonly which: number;
  readonly offline: boolean;
}

const told = ({ node, app, which, offline }: Choice) =>
  `app ${app}, ${which}${offline ? ', offline' : ''}, node ${node}`;

/** Without a password, as signing in is slow. */
export function beginSession(choice: Choice): Step {
  return {
    name: 'begin a session',
    text: told(choice),
    node: choice.node,
    isAlone: true,
    isReady: ({ person }) => person.isIn,
    async run({ server, life }) {
      return { through: true, due: true, made: [await sessionBegins(server, life.person.sub)] };
    },
  };
}

/** With a password that is right, or one that was before. */
export function signIn(choice: Choice, isRight: boolean): Step {
  return {
    isGuess: true,
    name: isRight ? 'sign in' : 'sign in with a former password',
    text: told(choice),
    node: choice.node,
    isReady: () => true,
    async run(place) {
      const { username, password, isIn } = place.life.person;
      const agent = browser(place);
      const page = await agent.open(urlOf(place, '/login'));
      await agent.submit(page, { username, password: isRight ? password : `not ${password}` });
      const cookie = agent.cookies.get(agent.names.session);
      if (cookie === undefined) return { through: false, due: isRight && isIn };
      const state = isRight ? 'alive' : 'dead';
      const made: Session = { kind: 'session', sid: '', cookie, state, seenMs: place.nowMs };
      return { through: true, due: isRight && isIn, made: [made] };
    },
  };
}

/** By the page, where the person is asked anew and may allow offline_access; or with nobody asked. */
export function authorize(choice: Choice, byPage: boolean): Step {
  return {
    name: byPage ? 'authorize and allow' : 'authorize silently',
    isConsenting: byPage,
    text: told(choice),
    node: choice.node,
    isReady: (life) => sessionsOf(life).length > 0,
    async run(place) {
      const { life, nowMs } = place;
      const session = pick(sessionsOf(life), choice.which);
      const app = pick(life.apps, choice.app);
      if (!session || !app) return { through: false };
      const isLive = stateOf(life, session, nowMs);
      const due = isLive === 'alive' && app.isIn && (byPage || app.isOwn || isRemembered(app, choice));
      const code = await codeFor(place, session, app, choice.offline, byPage);
      if (!code) return { through: false, due };
      const { offline } = choice;
      const made = newGrant({ app, session, offline, byPage, code }, nowMs);
      return { through: true, due, made: [isLive === 'dead' ? { ...made, state: 'dead' } : made] };
    },
  };
}

function isRemembered({ isConsented, isOfflineConsented }: App, { offline }: Choice): boolean {
  return isConsented && (!offline || isOfflineConsented);
}

async function codeFor(
  place: Place,
  session: Session,
  app: App,
  offline: boolean,
  byPage: boolean,
): Promise<Authorized | undefined> {
  const agent = browser(place, session);
  const pkce = newPkce();
  const more = { scope: offline ? 'openid offline_access' : 'openid', prompt: byPage ? 'consent' : 'none' };
  let page = await agent.open(
    authorizeUrl({ ...place.server, issuer: urlOf(place, '') }, requestOf(app.registered.client, pkce, more)),
  );
  if (page.body.includes('id="allow"')) page = await agent.submit(page, { decision: 'allow' });
  const response = new URL(page.location ?? 'about:blank').searchParams;
  const code = response.get('code');
  return code === null ? undefined : { code, pkce, agent, response };
}

function newGrant(
  parts: Pick<Grant, 'app' | 'session' | 'offline' | 'byPage' | 'code'>,
  nowMs: number,
): Grant {
  return {
    kind: 'grant',
    ...parts,
    codeEndsMs: nowMs + CODE_MS,
    presented: 0,
    refresh: [],
    refreshedMs: 0,
    presenting: [],
    state: 'alive',
  };
}

/** A code that was not presented before, or one that was. */
export function presentCode(choice: Choice, isReplay: boolean): Step {
  const of = (grant: Grant) => grant.presented > 0 === isReplay;
  return {
    name: isReplay ? 'replay a code' : 'redeem a code',
    text: told(choice),
    node: choice.node,
    isReady: (life) => grantsOf(life).some(of),
    async run(place) {
      const grant = pick(grantsOf(place.life).filter(of), choice.which);
      if (!grant) return { through: false };
      const due = grant.presented === 0 && stateOf(place.life, grant, place.nowMs) === 'alive';
      // An expired code is nothing that could be replayed.
      if (grant.presented > 0 || place.nowMs < grant.codeEndsMs) grant.presented += 1;
      return redeemed(place, grant, due);
    },
  };
}

/** RFC 6749 §4.1.2: whoever presents it as the second ends what the first got. */
export async function redeemed(place: Place, grant: Grant, due: boolean): Promise<Outcome> {
  const answer = await redeem(place.server, grant.app.registered, grant.code);
  const made = tokensOf(answer, grant, place.nowMs);
  return {
    through: answer.status === 200,
    due,
    made,
    fate: grant.presented > 1 ? grantEnds(grant) : undefined,
  };
}

/** 0 is the newest, 1 its predecessor, and so on. */
export function presentRefresh(choice: Choice, age: number): Step {
  const of = (grant: Grant) => grant.refresh.length > age;
  return {
    name: ['refresh', 'refresh with the predecessor', 'replay a refresh token'][age] ?? '',
    text: told(choice),
    node: choice.node,
    isReady: (life) => grantsOf(life).some(of),
    async run(place) {
      const grant = pick(grantsOf(place.life).filter(of), choice.which);
      if (!grant) return { through: false };
      const newest = grant.refresh.length - 1;
      const generation = newest - age;
      const isGraceOver = place.nowMs >= grant.refreshedMs + GRACE_MS;
      const isAlive = stateOf(place.life, grant, place.nowMs) === 'alive';
      grant.presenting.push(age);
      const token = grant.refresh[generation] ?? '';
      const answer = await refresh(place.server, grant.app.registered, token);
      const made = tokensOf(answer, grant, place.nowMs, generation + 1);
      // Without offline_access the app speaks for the person, who is there.
      if (answer.status === 200 && !grant.offline) grant.session.seenMs = place.nowMs;
      // Asked now: where the newest was rotated beside it, the predecessor is one too many.
      const isInGrace = age === 1 && !isGraceOver && !grant.presenting.includes(0);
      const due = isAlive && (age === 0 || isInGrace);
      return { through: answer.status === 200, due, made, fate: fateOfReuse(grant, age, isGraceOver) };
    },
  };
}

/** RFC 9700 §4.14.2; a predecessor is one too many as soon as the newest is rotated. */
function fateOfReuse(grant: Grant, age: number, isGraceOver: boolean): Fate | undefined {
  if (age > 1 || (age === 1 && isGraceOver)) return grantEnds(grant);
  return age === 1 && grant.presenting.includes(0) ? grantMayEnd(grant) : undefined;
}

function tokensOf({ status, body }: Answer, grant: Grant, nowMs: number, generation = 0): Access[] {
  if (status !== 200) return [];
  if (grant.refresh[generation] === undefined) grant.refreshedMs = nowMs;
  if (body.refresh_token !== undefined) grant.refresh[generation] = body.refresh_token;
  const token: string = body.access_token;
  const endsMs = (decodeJwt(token).exp ?? 0) * 1000;
  return [
    {
      kind: 'access token',
      grant,
      token,
      kid: decodeProtectedHeader(token).kid ?? '',
      endsMs,
      state: 'alive',
    },
  ];
}

/** RFC 7009: an access token ends alone, a refresh token with all of its grant. */
export function revokeToken(choice: Choice): Step {
  return {
    name: choice.offline ? 'revoke a refresh token' : 'revoke an access token',
    text: told(choice),
    node: choice.node,
    isReady: (life) => accessOf(life).length > 0,
    async run({ life, server }) {
      const access = pick(accessOf(life), choice.which);
      if (!access) return { through: false };
      const { grant } = access;
      const refresh_token = choice.offline ? grant.refresh.at(-1) : undefined;
      const token = refresh_token ?? access.token;
      const { status } = await post(server, '/revoke', { token }, grant.app.registered);
      const isAnswered = status === 200;
      const fate = refresh_token === undefined ? tokenEnds(access) : grantEnds(grant);
      return { through: isAnswered, due: grant.app.isIn, fate: isAnswered ? fate : undefined };
    },
  };
}

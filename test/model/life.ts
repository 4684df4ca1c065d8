/** The model: one person's life in plain objects. Who is alive, and which token hangs on what. */
import type { Authorized, Registered } from '../support/flow.ts';

/** `either`: two steps ran beside each other, and both orders are right; what is then seen decides. */
export type State = 'alive' | 'dead' | 'either';

export interface Session {
  readonly kind: 'session';
  readonly sid: string;
  cookie: string;
  state: State;
  /** When it was last seen to live, in milliseconds. */
  seenMs: number;
}

export interface Grant {
  readonly kind: 'grant';
  readonly app: App;
  readonly session: Session;
  readonly offline: boolean;
  /** Allowed on the consent page, and not remembered. */
  readonly byPage: boolean;
  readonly code: Authorized;
  readonly codeEndsMs: number;
  /** How often the code was presented. */
  presented: number;
  /** The refresh tokens by their generation. */
  readonly refresh: string[];
  refreshedMs: number;
  /** The generations that the steps of this moment present. */
  presenting: number[];
  state: State;
}

export interface Access {
  readonly kind: 'access token';
  readonly grant: Grant;
  readonly token: string;
  readonly kid: string;
  readonly endsMs: number;
  state: State;
}

export type Thing = Session | Grant | Access;

export interface Person {
  readonly sub: string;
  readonly username: string;
  password: string;
  isIn: boolean;
}

export interface App {
  readonly name: string;
  readonly registered: Registered;
  /** The operator's own, which needs no consent. */
  readonly isOwn: boolean;
  isIn: boolean;
  isConsented: boolean;
  /** Of what was allowed: offline_access too. */
  isOfflineConsented: boolean;
}

export interface Life {
  readonly person: Person;
  readonly apps: readonly App[];
  readonly things: Thing[];
  /** Dead, and seen to be: asked again at the end. */
  readonly buried: Set<Thing>;
  /** Of keys that leaked. */
  readonly revokedKids: Set<string>;
  backup: { readonly file: string; readonly password: string } | undefined;
  /** Counts the moments; what is new in one has a name of its own. */
  moment: number;
}

/** What a step does to a thing that was there before it, or that was made beside it. */
export type Fate = (thing: Thing, isNew: boolean) => State | undefined;

export const SESSION_IDLE_MS = 12 * 3_600_000;
/** A session is noted as seen once a minute. */
const SEEN_MS = 60_000;

/** The state of a thing and of all that it hangs on. */
export function stateOf(life: Life, thing: Thing, nowMs: number): State {
  if (!life.person.isIn) return 'dead';
  if (thing.kind === 'session') return worst(thing.state, idleState(thing, nowMs));
  if (thing.kind === 'access token') {
    const isOver = nowMs >= thing.endsMs || life.revokedKids.has(thing.kid);
    return worst(isOver ? 'dead' : thing.state, stateOf(life, thing.grant, nowMs));
  }
  if (!thing.app.isIn || isCodeOver(thing, nowMs)) return 'dead';
  // OpenID Connect Core §11: only offline_access outlives the session.
  return thing.offline ? thing.state : worst(thing.state, stateOf(life, thing.session, nowMs));
}

/** Nothing can come of it any more. */
function isCodeOver({ presented, codeEndsMs }: Grant, nowMs: number): boolean {
  return presented === 0 && nowMs >= codeEndsMs;
}

function idleState({ seenMs }: Session, nowMs: number): State {
  const idleMs = nowMs - seenMs;
  if (idleMs >= SESSION_IDLE_MS) return 'dead';
  return idleMs < SESSION_IDLE_MS - SEEN_MS ? 'alive' : 'either';
}

/** Death is certain, life is only what nothing ended. */
export function worst(...states: readonly (State | undefined)[]): State {
  if (states.includes('dead')) return 'dead';
  return states.includes('either') ? 'either' : 'alive';
}

export function sessionsOf({ things }: Life): Session[] {
  return things.filter((thing) => thing.kind === 'session');
}

export function grantsOf({ things }: Life): Grant[] {
  return things.filter((thing) => thing.kind === 'grant');
}

export function accessOf({ things }: Life): Access[] {
  return things.filter((thing) => thing.kind === 'access token');
}

/** One of them, however many there are. */
export function pick<One>(from: readonly One[], which: number): One | undefined {
  return from[which % Math.max(1, from.length)];
}

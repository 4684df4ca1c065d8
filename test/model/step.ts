/** A step of a life: something that a person, an app or the operator does. */

import type { TestServer } from '../support/server.ts';
import type { Page } from '../support/user-agent.ts';
import { createUserAgent, type UserAgent } from '../support/user-agent.ts';
import type { App, Fate, Life, Session, Thing } from './life.ts';
import type { World } from './world.ts';

export interface Outcome {
  /** Whether it was let through. */
  readonly through: boolean;
  /** Whether it had to be, if nothing ended beside it. */
  readonly due?: boolean;
  readonly made?: readonly Thing[];
  readonly fate?: Fate | undefined;
  /** Whose consent is forgotten. */
  readonly withdrawn?: App | undefined;
}

export interface Place {
  readonly life: Life;
  readonly world: World;
  readonly server: TestServer;
  readonly nowMs: number;
}

export interface Step {
  readonly name: string;
  /** How it is told: which app, which session, which node. */
  readonly text: string;
  readonly node: number;
  /** Of one topic there is one step at a moment: of two, nobody could say which was the last. */
  readonly topic?: string;
  /** A consent may be given. */
  readonly isConsenting?: boolean;
  /** A password is tried. */
  readonly isGuess?: boolean;
  /** By the operator, past the requests. */
  readonly isDirect?: boolean;
  /** Nothing else happens meanwhile. */
  readonly isAlone?: boolean;
  isReady(life: Readonly<Life>): boolean;
  /** Until its first await it sees the life as it was before the others began. */
  run(place: Place): Promise<Outcome>;
}

/** Two nodes have one issuer, under which this browser finds the one. */
export function browser({ server }: Place, session?: Session): UserAgent {
  const { issuer } = server.gatehouse.settings;
  const agent = createUserAgent(issuer, {}, (url, init) =>
    fetch(url.replace(issuer, server.issuer), { ...init, redirect: 'manual' }),
  );
  if (session) agent.cookies.set(agent.names.session, session.cookie);
  return agent;
}

/** Where the browser is sent to. */
export function urlOf({ server }: Place, path: string): string {
  return `${server.gatehouse.settings.issuer}${path}`;
}

/** Presses the button of one of the account's pages; undefined where there is no such page any more. */
export async function press(
  agent: UserAgent,
  url: string,
  fields: Record<string, string>,
): Promise<Page | undefined> {
  const page = await agent.open(url);
  const isThere = Object.keys(fields).every((name) => page.body.includes(`name="${name}"`));
  return isThere && page.body.includes('<form') && new URL(page.url).pathname === new URL(url).pathname
    ? agent.submit(page, fields)
    : undefined;
}

import type { FastifyReply, FastifyRequest } from 'fastify';
import { findSession } from '../../identity/sessions/find-live-sessions.ts';
import type { Session } from '../../identity/sessions/session-type.ts';
import { otherSessionsCookie } from '../../identity/sessions/several-sessions-in-browser.ts';
import type { SignInBrowser } from '../../identity/sign-in.ts';
import { sourceOf } from '../request-source.ts';
import type { PageTools } from './tools-given-to-pages.ts';

/** The cookies that an authorization is bound to. */
export function browserOf(tools: PageTools, request: FastifyRequest) {
  return {
    browser: tools.cookies.read(request, 'browser'),
    session: tools.cookies.read(request, 'session'),
    otherSessions: tools.cookies.read(request, 'accounts'),
  };
}

/**
 * Sets the cookies of the active session, if there is one, and of the others. A request without these cookies, such as a
 * POST from another site, deletes none.
 */
export function setBrowserSessions(
  tools: PageTools,
  request: FastifyRequest,
  reply: FastifyReply,
  {
    active,
    others,
  }: { active: { cookieValue: string } | undefined; others: readonly { cookieValue: string }[] },
): void {
  if (active) tools.cookies.set(reply, 'session', active.cookieValue);
  else if (tools.cookies.read(request, 'session') !== undefined) tools.cookies.clear(reply, 'session');
  const value = otherSessionsCookie(others);
  if (value !== undefined) tools.cookies.set(reply, 'accounts', value);
  else if (tools.cookies.read(request, 'accounts') !== undefined) tools.cookies.clear(reply, 'accounts');
}

/** The active session of this browser. */
export function sessionOf(tools: PageTools, request: FastifyRequest): Promise<Session | undefined> {
  return findSession(tools, tools.cookies.read(request, 'session'));
}

/** What a sign-in needs to know of the browser. */
export function signInBrowserOf(tools: PageTools, request: FastifyRequest): SignInBrowser {
  return {
    source: sourceOf(tools, request),
    sessionCookie: tools.cookies.read(request, 'session'),
    otherSessionsCookie: tools.cookies.read(request, 'accounts'),
    deviceCookie: tools.cookies.read(request, 'device'),
    pendingCookie: tools.cookies.read(request, 'pending'),
  };
}

/** The cookies. ASVS V3.3, RFC 6265bis §4.1.3 */
import { fastifyCookie } from '@fastify/cookie';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { PENDING_SECONDS } from '../identity/pending-sign-in.ts';
import { sha256 } from '../lib/sha256-and-hmac.ts';

const { parse } = fastifyCookie;
const LONGEST_VALUE = 512;
const SUFFIX_LENGTH = 8;

export type CookieName = 'session' | 'accounts' | 'pending' | 'browser' | 'device' | 'language' | 'notice';

const LIFETIME_SECONDS: Readonly<Record<CookieName, number | undefined>> = {
  session: undefined,
  accounts: undefined,
  pending: PENDING_SECONDS,
  browser: undefined,
  device: 400 * 86_400,
  language: 400 * 86_400,
  // Read by the next page.
  notice: 60,
};

export interface Cookies {
  read(request: FastifyRequest, name: CookieName): string | undefined;
  set(reply: FastifyReply, name: CookieName, value: string): void;
  clear(reply: FastifyReply, name: CookieName): void;
}

/**
 * __Host- and Secure where the issuer is https; plain names in development. A cookie belongs to a host, whatever the port
 * (RFC 6265 §8.5) and, since ours have Path=/, whatever the path: an issuer that may share its host has its own names.
 */
export function cookieNames(issuer: string): Readonly<Record<CookieName, string>> {
  const prefix = `${issuer.startsWith('https:') ? '__Host-' : ''}gatehouse_`;
  const { port, pathname } = new URL(issuer);
  const suffix = port === '' && pathname === '/' ? '' : `_${sha256(issuer).slice(0, SUFFIX_LENGTH)}`;
  const nameOf = (name: CookieName) => `${prefix}${name}${suffix}`;
  return {
    session: nameOf('session'),
    accounts: nameOf('accounts'),
    pending: nameOf('pending'),
    browser: nameOf('browser'),
    device: nameOf('device'),
    language: nameOf('language'),
    notice: nameOf('notice'),
  };
}

/** Makes `app` parse request cookies, and send those that {@link Cookies} sets. */
export function acceptCookies(app: FastifyInstance): void {
  app.register(fastifyCookie);
}

/**
 * Reads and writes cookies by their short names; {@link cookieNames} has the real ones. A cookie that is empty, longer
 * than 512 characters or sent twice reads as undefined.
 */
export function createCookies(settings: { issuer: string; session_absolute_seconds: number }): Cookies {
  const names = cookieNames(settings.issuer);
  const secure = settings.issuer.startsWith('https:');
  const options = { path: '/', httpOnly: true, sameSite: 'lax', secure } as const;
  return {
    read(request, name) {
      const header = request.headers.cookie;
      if (!header?.includes(names[name]) || isRepeated(header, names[name])) return undefined;
      // An error may occur before Fastify parsed the cookies.
      const value = (request.cookies ?? parse(header))[names[name]];
      return value === undefined || value === '' || value.length > LONGEST_VALUE ? undefined : value;
    },
    set(reply, name, value) {
      const isSession = name === 'session' || name === 'accounts';
      const maxAge = isSession ? settings.session_absolute_seconds : LIFETIME_SECONDS[name];
      reply.setCookie(names[name], value, { ...options, ...(maxAge !== undefined && { maxAge }) });
    },
    clear(reply, name) {
      // Not by clearCookie, which adds Expires.
      reply.setCookie(names[name], '', { ...options, maxAge: 0 });
    },
  };
}

/**
 * A074: of two cookies with one name, it is unknown which one is ours, so neither is used. Names are compared as `parse` reads
 * them: a sibling host may set one that only looks like ours, for example with U+00A0 before `__Host-`.
 */
function isRepeated(header: string, name: string): boolean {
  if (header.indexOf(name) === header.lastIndexOf(name)) return false;
  return header.split(';').filter((part) => parse(part)[name] !== undefined).length > 1;
}

/** The cookies. ASVS V3.3, RFC 6265bis §4.1.3 */
import { fastifyCookie } from '@fastify/cookie';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { PENDING_SECONDS } from '../identity/pending-sign-in.ts';
import { sha256 } from '../lib/hash.ts';

const { parse } = fastifyCookie;
const LONGEST_VALUE = 512;
const MARK_LENGTH = 8;

export type CookieName = 'session' | 'accounts' | 'pending' | 'browser' | 'device' | 'language' | 'notice';

const LIFETIME_SECONDS: Readonly<Record<CookieName, number | undefined>> = {
  session: undefined,
  accounts: undefined,
  pending: PENDING_SECONDS,
  browser: undefined,
  device: 400 * 86_400,
  language: 400 * 86_400,
  // Of the answer that follows at once.
  notice: 60,
};

export interface Cookies {
  read(request: FastifyRequest, name: CookieName): string | undefined;
  set(reply: FastifyReply, name: CookieName, value: string): void;
  clear(reply: FastifyReply, name: CookieName): void;
}

/**
 * __Host- and Secure where the issuer is https; plain names in development. A cookie belongs to a host, whatever the port
 * (RFC 6265 §8.5) and here whatever the path: an issuer that may share its host with others has names of its own.
 */
export function cookieNames(issuer: string): Readonly<Record<CookieName, string>> {
  const prefix = `${issuer.startsWith('https:') ? '__Host-' : ''}gatehouse_`;
  const { port, pathname } = new URL(issuer);
  const mark = port === '' && pathname === '/' ? '' : `_${sha256(issuer).slice(0, MARK_LENGTH)}`;
  const nameOf = (name: CookieName) => `${prefix}${name}${mark}`;
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

/** Makes `app` read the cookies of its requests, and set those that {@link Cookies} is told. */
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
      // An error may be met before they are read.
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
 * A074: two cookies of one name are one too many; whose is whose cannot be told. As `parse` reads names: a host beside ours
 * may set one that only looks like ours, such as U+00A0 before `__Host-`.
 */
function isRepeated(header: string, name: string): boolean {
  if (header.indexOf(name) === header.lastIndexOf(name)) return false;
  return header.split(';').filter((part) => parse(part)[name] !== undefined).length > 1;
}

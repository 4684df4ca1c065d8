/** Response headers by scope. RFC 9700 §4.16, ASVS V3.4 */
import type { FastifyReply } from 'fastify';
import { isPrivateName } from '../lib/private-name.ts';

const POLICY =
  "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self' data:; base-uri 'none'; frame-ancestors 'none'";
/**
 * Of this host alone, ASVS V3.4.1 notwithstanding: browsers hold it for a year, and at the top of a domain every http
 * host below it would be out of reach. Our cookies are `__Host-`, so that those hosts can set none of them.
 */
const HSTS = 'max-age=31536000';

/** Not for the name of a box at home: it would hold for every port of it, and apps are registered there with http. RFC 6797 §8.3 */
function hstsOf(issuer: string) {
  const { protocol, hostname } = new URL(issuer);
  const isOfBox = hostname !== 'localhost' && isPrivateName(hostname);
  return protocol === 'https:' && !isOfBox ? { 'strict-transport-security': HSTS } : {};
}

/** What every answer carries, but for its request's id. */
export function commonHeaders({ issuer }: { readonly issuer: string }): Readonly<Record<string, string>> {
  return {
    'x-content-type-options': 'nosniff',
    // Measured: no-referrer would make our own forms send `Origin: null`.
    'referrer-policy': 'same-origin',
    'x-frame-options': 'DENY',
    ...hstsOf(issuer),
    // A page has one of its own.
    'content-security-policy': dataPolicy,
  };
}

/** For answers that are no pages. */
const dataPolicy = "default-src 'none'; frame-ancestors 'none'";

/** What a page is in, and what decides it: nobody gets another's from a cache. */
export function inLanguage(reply: FastifyReply, { tag }: { readonly tag: string }): FastifyReply {
  return reply.header('content-language', tag).header('vary', 'Accept-Language, Cookie');
}

/** RFC 6749 §5.1: nothing with a token or a person in it is kept. */
export function noStore(reply: FastifyReply): FastifyReply {
  return reply.header('cache-control', 'no-store').header('pragma', 'no-cache');
}

/** For a public document: any cache may keep it for so long. */
export function mayBeKept(reply: FastifyReply, seconds: number): FastifyReply {
  reply.removeHeader('pragma');
  return reply.header('cache-control', `public, max-age=${seconds}`);
}

/**
 * What makes an answer a page. Nobody's link leads into the middle of one: where the text stands that a fragment quotes
 * (`#:~:text=Deny`, which no script sees), the next Tab begins.
 */
export function asPage(reply: FastifyReply, options: { leavesOrigin: boolean }): FastifyReply {
  return reply
    .header('content-security-policy', pagePolicy(options))
    .header('document-policy', 'force-load-at-top')
    .type('text/html; charset=utf-8');
}

/**
 * A page's policy. Chromium blocks the redirect from a form to the client under form-action, so the pages whose
 * answer leaves our origin do without it (measured).
 */
function pagePolicy(options: { leavesOrigin: boolean }): string {
  return options.leavesOrigin ? POLICY : `${POLICY}; form-action 'self'`;
}

/** What can stand in a policy and means one origin alone there. */
const SOURCE = /^https?:\/\/(?:[a-z0-9.-]+|\[[0-9a-f:.]+\])(?::\d+)?$/;

/** A page that tells apps in frames that somebody signed out, and then goes on to one of them. */
export function framesPolicy(frames: readonly string[]): string {
  const origins = frames.map((frame) => new URL(frame).origin).filter((origin) => SOURCE.test(origin));
  return `${POLICY}; frame-src ${origins.length === 0 ? "'none'" : [...new Set(origins)].join(' ')}`;
}

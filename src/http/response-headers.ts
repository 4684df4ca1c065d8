/** Response headers by scope. RFC 9700 §4.16, ASVS V3.4 */
import type { FastifyReply } from 'fastify';
import { isPrivateName } from '../lib/local-network-host-name.ts';
import { dataPolicy, pagePolicy } from './content-security-policy.ts';

/**
 * Without includeSubDomains, although ASVS V3.4.1 asks for it: browsers keep it for a year, and if the issuer is at the top
 * of a domain, every http host below it would become unreachable. Our cookies are `__Host-`, so those hosts cannot set them.
 */
const HSTS = 'max-age=31536000';

/** No HSTS for the name of a device in a home network: it applies to every port, and apps use http there. RFC 6797 §8.3 */
function hstsOf(issuer: string) {
  const { protocol, hostname } = new URL(issuer);
  const isHomeDevice = hostname !== 'localhost' && isPrivateName(hostname);
  return protocol === 'https:' && !isHomeDevice ? { 'strict-transport-security': HSTS } : {};
}

/** The headers of every answer, apart from the request id. */
export function commonHeaders({ issuer }: { readonly issuer: string }): Readonly<Record<string, string>> {
  return {
    'x-content-type-options': 'nosniff',
    // Measured: no-referrer would make our own forms send `Origin: null`.
    'referrer-policy': 'same-origin',
    'x-frame-options': 'DENY',
    ...hstsOf(issuer),
    // A page replaces it by its own.
    'content-security-policy': dataPolicy,
  };
}

/** The language of a page, and Vary, so that no cache serves it to a user of another language. */
export function inLanguage(reply: FastifyReply, { tag }: { readonly tag: string }): FastifyReply {
  return reply.header('content-language', tag).header('vary', 'Accept-Language, Cookie');
}

/** RFC 6749 §5.1: answers with tokens or personal data must not be cached. */
export function noStore(reply: FastifyReply): FastifyReply {
  return reply.header('cache-control', 'no-store').header('pragma', 'no-cache');
}

/** For a public document: any cache may keep it for `seconds`. */
export function allowCaching(reply: FastifyReply, seconds: number): FastifyReply {
  reply.removeHeader('pragma');
  return reply.header('cache-control', `public, max-age=${seconds}`);
}

/**
 * Sets the headers of a page. With `force-load-at-top` a link cannot open a page at a text that its fragment quotes
 * (`#:~:text=Deny`, which no script sees): the next Tab would begin there.
 */
export function asPage(reply: FastifyReply, options: { leavesOrigin: boolean }): FastifyReply {
  return reply
    .header('content-security-policy', pagePolicy(options))
    .header('document-policy', 'force-load-at-top')
    .type('text/html; charset=utf-8');
}

/** A form's token is bound to the browser, the session and the form; the request's origin must agree. ASVS V3.5.1 */
import type { FastifyRequest } from 'fastify';
import { equalInConstantTime } from '../lib/constant-time.ts';
import { deriveKey } from '../lib/derive-key.ts';
import { hmacSha256 } from '../lib/sha256-and-hmac.ts';

export interface CsrfBinding {
  /** The browser cookie's value. */
  readonly browser: string;
  /** The session cookie's value; '' without a session. */
  readonly session: string;
  /** The interaction or the page. */
  readonly purpose: string;
}

export interface Csrf {
  tokenFor(binding: CsrfBinding): string;
  /** Whether the browser's headers say that a page of this server sent the POST; old browsers send none of them. */
  isFromOwnPage(request: FastifyRequest): boolean;
  /** The origin at which a page of this server was opened, where it is not the issuer's. */
  otherAddress(request: FastifyRequest): string | undefined;
  /** Whether a POST comes from our own form. */
  isOwn(request: FastifyRequest, token: string | undefined, binding: CsrfBinding): boolean;
  /** Whether a POST comes from our own form, shown while another session, or none, was in use in this browser. */
  isOfOtherSession(request: FastifyRequest, token: string | undefined, binding: CsrfBinding): boolean;
}

/**
 * Makes and checks form tokens. They are HMACs under keys from the master key, so nothing is stored and all nodes
 * agree.
 */
export function createCsrf(settings: { masterKey: Buffer; issuer: string }): Csrf {
  const key = deriveKey(settings.masterKey, 'csrf');
  const formKey = deriveKey(settings.masterKey, 'csrf form');
  const origin = new URL(settings.issuer).origin;
  const formOf = ({ browser, purpose }: CsrfBinding) => hmacSha256(formKey, browser, purpose);
  /** The part that is checked. A node of an older version sends only this part; its forms are accepted here. */
  const decidingPart = ({ browser, session, purpose }: CsrfBinding) =>
    hmacSha256(key, browser, session, purpose);
  /** The second part authorizes nothing: it shows why the first part does not match. */
  const tokenFor = (binding: CsrfBinding) => `${decidingPart(binding)}.${formOf(binding)}`;
  return {
    tokenFor,
    isFromOwnPage: (request) => request.headers.origin !== undefined && isSameOrigin(request, origin),
    otherAddress: ({ headers }) =>
      headers.origin !== undefined && headers.origin !== origin && hostOf(headers.origin) === headers.host
        ? headers.origin
        : undefined,
    isOwn(request, token, binding) {
      if (token === undefined || !isSameOrigin(request, origin)) return false;
      const expected = token.includes('.') ? tokenFor(binding) : decidingPart(binding);
      return equalInConstantTime(token, expected);
    },
    isOfOtherSession(request, token, binding) {
      const form = token?.split('.')[1];
      return (
        isSameOrigin(request, origin) && form !== undefined && equalInConstantTime(form, formOf(binding))
      );
    },
  };
}

function hostOf(origin: string): string | undefined {
  return URL.canParse(origin) ? new URL(origin).host : undefined;
}

/** Old browsers send neither header; then the token alone decides. */
function isSameOrigin({ headers }: FastifyRequest, origin: string): boolean {
  const site = headers['sec-fetch-site'];
  if (site !== undefined && site !== 'same-origin' && site !== 'none') return false;
  // Fetch, "append a request Origin header": null where a proxy adds Referrer-Policy: no-referrer. No page can set Sec-Fetch-Site.
  const isHidden = headers.origin === 'null' && site === 'same-origin';
  return headers.origin === undefined || headers.origin === origin || isHidden;
}

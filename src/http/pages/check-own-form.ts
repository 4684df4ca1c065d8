/** Whether a POST comes from a form of ours. ASVS V3.5.1 */
import type { FastifyRequest } from 'fastify';
import { type Checked, PASSED } from '../../lib/outcome.ts';
import { OAuthError } from '../../oauth/errors.ts';
import { sourceOf } from '../request-source.ts';
import type { PageTools } from './tools-given-to-pages.ts';

/** Throws OAuthError 403 unless the POST comes from the form that we showed to this browser. */
export function checkForm(
  tools: PageTools,
  request: FastifyRequest,
  fields: Readonly<Record<string, string>>,
  purpose: string,
): void {
  const fault = checkOwnForm(tools, request, fields, purpose);
  if (fault === PASSED) return;
  const { reason } = fault;
  tools.audit.refused({ type: 'form.refused', reason, source: sourceOf(tools, request) });
  const address = tools.csrf.otherAddress(request);
  if (address !== undefined) throw openedElsewhere(tools, address);
  throw fault;
}

/** Whether {@link checkForm} would let it pass, or the error that it would throw; without an audit event. */
export function checkOwnForm(
  tools: PageTools,
  request: FastifyRequest,
  fields: Readonly<Record<string, string>>,
  purpose: string,
): Checked<OAuthError> {
  const browser = tools.cookies.read(request, 'browser') ?? '';
  const session = tools.cookies.read(request, 'session') ?? '';
  const binding = { browser, session, purpose };
  if (browser === '') return withoutCookie();
  if (tools.csrf.isOwn(request, fields.csrf, binding)) return PASSED;
  return tools.csrf.isOfOtherSession(request, fields.csrf, binding) ? ofOtherSession() : notOurs();
}

function withoutCookie(): OAuthError {
  const description = 'the cookie that the form is bound to did not come';
  return new OAuthError('invalid_request', 'missing_browser_cookie', description, { status: 403 });
}

function ofOtherSession(): OAuthError {
  const description =
    'the form was shown before somebody chose another account or signed in or out in this browser, or changed their password';
  return new OAuthError('invalid_request', 'other_session', description, { status: 403 });
}

function notOurs(): OAuthError {
  const description = 'the form was not one that this server showed to this browser';
  return new OAuthError('invalid_request', 'csrf', description, { status: 403 });
}

/** The page was opened by an IP address or another name of the host; cookies and forms are bound to the issuer's. */
function openedElsewhere({ settings }: PageTools, address: string): OAuthError {
  const { origin } = new URL(settings.issuer);
  const description = `this page was opened at ${address.slice(0, 256)}; the address of this server is ${origin}`;
  return new OAuthError('invalid_request', 'other_address', description, { status: 403 });
}

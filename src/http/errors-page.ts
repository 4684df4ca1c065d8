/** The only place that writes an error page: what happened, what to do, a request id. */
import type { FastifyReply, FastifyRequest } from 'fastify';
import { escapeControls } from '../lib/control-characters.ts';
import type { OAuthError } from '../oauth/errors.ts';
import type { PageContext } from './context.ts';
import { createCookies } from './cookies.ts';
import { inLanguage, noStore, pagePolicy } from './headers.ts';
import { chooseLanguage, wayBack } from './language.ts';

/** Titles and advice of their own, by reason; everything else has the general ones. */
const OWN_TEXTS: Readonly<Record<string, string>> = {
  invalid_redirect_uri: 'redirect',
  unknown_client: 'client',
  client_disabled: 'client',
  foreign_interaction: 'foreign',
  unknown_interaction: 'over',
  client_changed: 'over',
  interaction_expired: 'over',
  interaction_completed: 'done',
  missing_browser_cookie: 'cookies',
  other_address: 'address',
  csrf: 'csrf',
  not_found: 'missing',
  busy: 'busy',
  too_many_sign_ins: 'busy',
  unexpected: 'unexpected',
};

type Tools = Pick<PageContext, 'renderer' | 'settings'>;

export function sendErrorPage(reply: FastifyReply, tools: Tools, error: OAuthError): FastifyReply {
  if (error.retryAfterSeconds !== undefined) reply.header('retry-after', String(error.retryAfterSeconds));
  const kind = OWN_TEXTS[error.reason] ?? 'other';
  const { error: code } = error;
  // It may say what somebody sent, which must not turn our own sentence around.
  const message = escapeControls(error.description);
  const language = chooseLanguage(reply.request, createCookies(tools.settings), undefined);
  return inLanguage(noStore(reply), language)
    .code(error.status === 401 ? 400 : error.status)
    .header('content-security-policy', pagePolicy({ leavesOrigin: false }))
    .type('text/html; charset=utf-8')
    .send(
      tools.renderer.page(
        'error',
        { code, kind, message, requestId: reply.request.id, ...linksOf(tools, reply.request, kind) },
        language,
      ),
    );
}

/** The links of the page: to itself in another language, and to this server where it was opened at another address. */
function linksOf(tools: Tools, request: FastifyRequest, kind: string) {
  const { issuer, basePath } = tools.settings;
  const ownAddress = kind === 'address' ? `${new URL(issuer).origin}${basePath}/` : undefined;
  return { here: pathOf(tools, request), ownAddress };
}

/** Where the same error is met again, in another language; what was posted is not sent twice. */
function pathOf({ settings }: Tools, { method, url }: FastifyRequest): string | undefined {
  const isRepeatable = method === 'GET' && url.startsWith(`${settings.basePath}/`);
  return isRepeatable ? wayBack(url.slice(settings.basePath.length)) : undefined;
}

/** The only place that writes an error page: what happened, what to do, a request id. */
import type { FastifyReply, FastifyRequest } from 'fastify';
import { escapeControls } from '../lib/escape-control-characters.ts';
import type { OAuthError } from '../oauth/errors.ts';
import { type AppLink, findAppLink } from '../oauth/page-models/link-to-restart-at-app.ts';
import type { PageContext } from './context.ts';
import { createCookies } from './cookies.ts';
import { bodyPairs } from './form-body.ts';
import { chooseLanguage, returnPath } from './page-language.ts';
import { asPage, inLanguage, noStore } from './response-headers.ts';
import { queryPairs } from './urlencoded-pairs.ts';

/** The reasons whose page has its own title and advice; all others have the general ones. */
const KIND_OF_REASON: Readonly<Record<string, string>> = {
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
  other_session: 'session',
  not_found: 'missing',
  // A URL that cannot be decoded.
  FST_ERR_BAD_URL: 'missing',
  busy: 'busy',
  too_many_sign_ins: 'busy',
  unexpected: 'unexpected',
};

/** After these the user must start again at the app. */
const RESTARTED_AT_APP: readonly string[] = [
  'redirect',
  'over',
  'done',
  'csrf',
  'session',
  'cookies',
  'browser',
];

/** Cookies that remain when the browser is closed, unlike the cookie that identifies the browser. */
const PERSISTENT_COOKIES = ['session', 'accounts', 'device', 'language'] as const;

type Tools = Pick<PageContext, 'renderer' | 'settings'>;

/** With a link to the app where the user must start again there, if the query or the form still names the app. */
export async function sendErrorPageOfApp(
  reply: FastifyReply,
  tools: PageContext,
  error: OAuthError,
): Promise<FastifyReply> {
  const isRestarted = RESTARTED_AT_APP.includes(kindOf(tools, reply.request, error));
  const app = isRestarted
    ? await findAppLink(tools, clientIdIn(tools, reply.request)).catch(() => undefined)
    : undefined;
  return sendErrorPage(reply, tools, error, app);
}

function clientIdIn({ settings }: Tools, { url, body, routeOptions }: FastifyRequest): string {
  // No app sends users to the account pages; a client_id in a form there names an app whose access is to end.
  if (routeOptions.url?.startsWith(`${settings.basePath}/account`)) return '';
  try {
    return [...queryPairs(url), ...bodyPairs(body)].find(([name]) => name === 'client_id')?.[1] ?? '';
  } catch {
    // The error page is about this very fault.
    return '';
  }
}

function kindOf({ settings }: Tools, request: FastifyRequest, { reason }: OAuthError): string {
  const kind = KIND_OF_REASON[reason] ?? 'other';
  if (kind !== 'cookies') return kind;
  const cookies = createCookies(settings);
  return PERSISTENT_COOKIES.some((name) => cookies.read(request, name) !== undefined) ? 'browser' : kind;
}

/**
 * Sends the error as a page, with a link to `app` where it is given. A 401 becomes a 400, because a 401 must carry
 * WWW-Authenticate (RFC 9110 §15.5.2) and a page has none.
 */
export function sendErrorPage(
  reply: FastifyReply,
  tools: Tools,
  error: OAuthError,
  app?: AppLink | undefined,
): FastifyReply {
  if (error.retryAfterSeconds !== undefined) reply.header('retry-after', String(error.retryAfterSeconds));
  const kind = kindOf(tools, reply.request, error);
  const { error: code } = error;
  // It may quote what a client sent, whose control characters must not change the direction of our own text.
  const message = escapeControls(error.description);
  const language = chooseLanguage(reply.request, createCookies(tools.settings), undefined);
  return asPage(inLanguage(noStore(reply), language), { leavesOrigin: false })
    .code(error.status === 401 ? 400 : error.status)
    .send(
      tools.renderer.page(
        'error',
        { code, kind, message, requestId: reply.request.id, app, ...linksOf(tools, reply.request, kind) },
        language,
      ),
    );
}

/** The links of the page: to itself in another language, and to the issuer where the page was opened at another address. */
function linksOf(tools: Tools, request: FastifyRequest, kind: string) {
  const { issuer, basePath } = tools.settings;
  const ownAddress = kind === 'address' ? `${new URL(issuer).origin}${basePath}/` : undefined;
  return { ownPath: pathOf(tools, request), ownAddress };
}

/** The path that shows the same error again, in another language; undefined for a POST, which is not sent twice. */
function pathOf({ settings }: Tools, { method, url }: FastifyRequest): string | undefined {
  const isRepeatable = method === 'GET' && url.startsWith(`${settings.basePath}/`);
  return isRepeatable ? returnPath(url.slice(settings.basePath.length)) : undefined;
}

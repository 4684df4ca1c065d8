/** The only place that writes an error page: what happened, what to do, a request id. */
import type { FastifyReply, FastifyRequest } from 'fastify';
import { escapeControls } from '../lib/control-characters.ts';
import type { OAuthError } from '../oauth/errors.ts';
import { type AppLink, findAppLink } from '../oauth/page-models/app-link.ts';
import type { PageContext } from './context.ts';
import { createCookies } from './cookies.ts';
import { bodyPairs, queryPairs } from './form.ts';
import { asPage, inLanguage, noStore } from './headers.ts';
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
  other_session: 'session',
  not_found: 'missing',
  // An address that cannot be decoded.
  FST_ERR_BAD_URL: 'missing',
  busy: 'busy',
  too_many_sign_ins: 'busy',
  unexpected: 'unexpected',
};

/** After these the person begins anew, at the app. */
const BEGUN_ANEW: readonly string[] = ['redirect', 'over', 'done', 'csrf', 'session', 'cookies', 'browser'];

/** Cookies that outlive the browser's own, which ends when it is closed. */
const LASTING = ['session', 'accounts', 'device', 'language'] as const;

type Tools = Pick<PageContext, 'renderer' | 'settings'>;

/** With a link to the app where that is the way on, as far as the address or the form of the page still names it. */
export async function sendErrorPageOfApp(
  reply: FastifyReply,
  tools: PageContext,
  error: OAuthError,
): Promise<FastifyReply> {
  const isBegunAnew = BEGUN_ANEW.includes(kindOf(tools, reply.request, error));
  const app = isBegunAnew
    ? await findAppLink(tools, clientIdIn(tools, reply.request)).catch(() => undefined)
    : undefined;
  return sendErrorPage(reply, tools, error, app);
}

function clientIdIn({ settings }: Tools, { url, body, routeOptions }: FastifyRequest): string {
  // No app leads to the pages of the account: the one that a form names there is to be sent away.
  if (routeOptions.url?.startsWith(`${settings.basePath}/account`)) return '';
  try {
    return [...queryPairs(url), ...bodyPairs(body)].find(([name]) => name === 'client_id')?.[1] ?? '';
  } catch {
    // What is wrong with them is what the page is about.
    return '';
  }
}

function kindOf({ settings }: Tools, request: FastifyRequest, { reason }: OAuthError): string {
  const kind = OWN_TEXTS[reason] ?? 'other';
  if (kind !== 'cookies') return kind;
  const cookies = createCookies(settings);
  return LASTING.some((name) => cookies.read(request, name) !== undefined) ? 'browser' : kind;
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
  // It may say what somebody sent, which must not turn our own sentence around.
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

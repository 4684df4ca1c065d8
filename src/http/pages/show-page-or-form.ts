import type { FastifyReply, FastifyRequest } from 'fastify';
import { newSecretValue } from '../../lib/time-ordered-ids-and-secrets.ts';
import { chooseLanguage, returnPath } from '../page-language.ts';
import { asPage, inLanguage, noStore } from '../response-headers.ts';
import { ownQuery } from './declared-query-parameters.ts';
import type { PageTools } from './tools-given-to-pages.ts';

/** The data of a view; these members have a meaning on every page. */
export interface PageData {
  /** The languages that the app asks for. OpenID Connect Core §3.1.2.1 */
  readonly uiLocales?: string | undefined;
  readonly interaction?: string | undefined;
  readonly client_id?: string | undefined;
  readonly account?: string | undefined;
  readonly onward?: string | undefined;
  /** The page holds a value that is issued once, so it cannot be shown again in another language. */
  readonly isOnce?: boolean;
  /** The path that shows the page by GET, if it is not that of the request. */
  readonly path?: string | undefined;
  readonly [name: string]: unknown;
}

/** Renders a view with a form token, which is bound to this browser, its session and the purpose. */
export function showForm(
  tools: PageTools,
  request: FastifyRequest,
  reply: FastifyReply,
  page: {
    view: string;
    purpose: string;
    data: PageData;
    leavesOrigin?: boolean;
    session?: string | undefined;
  },
): FastifyReply {
  const browser = tools.cookies.read(request, 'browser') ?? newBrowser(tools, reply);
  const session = page.session ?? tools.cookies.read(request, 'session') ?? '';
  const csrf = tools.csrf.tokenFor({ browser, session, purpose: page.purpose });
  return showPage(tools, reply, page.view, { ...page.data, csrf }, page.leavesOrigin);
}

/**
 * Renders a view without a form token; {@link showForm} adds one. `leavesOrigin`: the page has a form whose answer may
 * lead to another origin, so its policy has no form-action.
 */
export function showPage(
  tools: PageTools,
  reply: FastifyReply,
  view: string,
  data: PageData,
  leavesOrigin = false,
): FastifyReply {
  const { request } = reply;
  const language = chooseLanguage(request, tools.cookies, data.uiLocales);
  const ownPath = data.isOnce ? undefined : returnPath(data.path ?? pathOf(tools, request, data));
  return asPage(inLanguage(noStore(reply), language), { leavesOrigin }).send(
    tools.renderer.page(view, { ...data, ownPath }, language),
  );
}

/** The path, below the issuer, that shows this page by GET, with the query parameters that it declares. */
function pathOf(
  tools: PageTools,
  request: FastifyRequest,
  { interaction, client_id, account, onward }: PageData,
): string {
  const path = request.url.slice(tools.settings.basePath.length).replace(/\?.*/, '');
  const asked = request.method === 'GET' ? Object.entries(ownQuery(tools, request)) : [];
  const carried = Object.entries({ interaction, client_id, account, onward }).filter(
    ([, value]) => value !== undefined,
  );
  const pairs = asked.length > 0 ? asked : (carried as [string, string][]);
  const query = new URLSearchParams(pairs).toString();
  return query === '' ? path : `${path}?${query}`;
}

function newBrowser(tools: PageTools, reply: FastifyReply): string {
  const value = newSecretValue(tools.clock, tools.random);
  tools.cookies.set(reply, 'browser', value);
  return value;
}

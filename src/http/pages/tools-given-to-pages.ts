import type { PageContext } from '../context.ts';
import { type Cookies, createCookies } from '../cookies.ts';
import { type Csrf, createCsrf } from '../csrf.ts';
import { type AccountLink, type LinkedRow, listAccountLinks } from './account-home-links.ts';
import { listOnwardNames, type OnwardNames, type OpenedRow } from './account-page-after-sign-in.ts';

/** The context of every page. */
export interface PageTools extends SharedPageTools {
  /** `query` of the requested page. */
  readonly ownParameters: readonly string[];
  /** `notices` of the requested page. */
  readonly ownNotices: readonly string[];
}

/** What all pages share. */
export interface SharedPageTools extends PageContext {
  readonly cookies: Cookies;
  readonly csrf: Csrf;
  /** The account pages that a sign-in can lead to. */
  readonly onwardNames: OnwardNames;
  readonly accountLinks: readonly AccountLink[];
}

/** Created once for all pages of the table. */
export function createPageTools(
  context: PageContext,
  pages: readonly (LinkedRow & OpenedRow)[],
): SharedPageTools {
  const { settings } = context;
  return {
    ...context,
    cookies: createCookies(settings),
    csrf: createCsrf(settings),
    onwardNames: listOnwardNames(pages),
    accountLinks: listAccountLinks(pages),
  };
}

/** For the requests to one page, of whose row these are. */
export function toolsOf(
  tools: SharedPageTools,
  { query = [], notices = [] }: { readonly query?: readonly string[]; readonly notices?: readonly string[] },
): PageTools {
  return { ...tools, ownParameters: query, ownNotices: notices };
}

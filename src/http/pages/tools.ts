import type { PageContext } from '../context.ts';
import { type Cookies, createCookies } from '../cookies.ts';
import { type Csrf, createCsrf } from '../csrf.ts';
import type { OnwardNames } from './account-page-after-sign-in.ts';

/** The context of every page. */
export interface PageTools extends PageContext {
  readonly cookies: Cookies;
  readonly csrf: Csrf;
  /** The account pages that a sign-in can lead to. */
  readonly onwardNames: OnwardNames;
  /** `query` of the requested page. */
  readonly ownParameters: readonly string[];
}

/** Created once for all pages; each page adds its `ownParameters`. */
export function createPageTools(
  context: PageContext,
  onwardNames: OnwardNames,
): Omit<PageTools, 'ownParameters'> {
  const { settings } = context;
  return { ...context, cookies: createCookies(settings), csrf: createCsrf(settings), onwardNames };
}

import type { PageContext } from '../context.ts';
import { type Cookies, createCookies } from '../cookies.ts';
import { type Csrf, createCsrf } from '../csrf.ts';

/** The context of every page. */
export interface PageTools extends PageContext {
  readonly cookies: Cookies;
  readonly csrf: Csrf;
  /** `query` of the requested page. */
  readonly ownParameters: readonly string[];
}

/** Created once for all pages; each page adds its `ownParameters`. */
export function createPageTools(context: PageContext): Omit<PageTools, 'ownParameters'> {
  return { ...context, cookies: createCookies(context.settings), csrf: createCsrf(context.settings) };
}

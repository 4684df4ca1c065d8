import type { PageContext } from '../context.ts';
import { type Cookies, createCookies } from '../cookies.ts';
import { type Csrf, createCsrf } from '../csrf.ts';

/** What every page works with. */
export interface PageTools extends PageContext {
  readonly cookies: Cookies;
  readonly csrf: Csrf;
  /** `query` of the page that is asked for. */
  readonly ownParameters: readonly string[];
}

/** Made once for all pages; each adds its own. */
export function createPageTools(context: PageContext): Omit<PageTools, 'ownParameters'> {
  return { ...context, cookies: createCookies(context.settings), csrf: createCsrf(context.settings) };
}

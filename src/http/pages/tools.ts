import type { PageContext } from '../context.ts';
import { type Cookies, createCookies } from '../cookies.ts';
import { type Csrf, createCsrf } from '../csrf.ts';

/** What every page works with. */
export interface PageTools extends PageContext {
  readonly cookies: Cookies;
  readonly csrf: Csrf;
}

/** Made once for all pages. */
export function createPageTools(context: PageContext): PageTools {
  return { ...context, cookies: createCookies(context.settings), csrf: createCsrf(context.settings) };
}

/** Resources that browsers and password managers look for at fixed paths of a host, whatever path the issuer has. */
import { noStore } from '../headers.ts';
import type { Page } from './page.ts';
import { seeOther } from './redirect.ts';

/** Leads to the page for a new password. W3C, A Well-Known URL for Changing Passwords §3 */
export const changePasswordPage: Page = {
  path: '/.well-known/change-password',
  isAtRoot: true,
  show: async (tools, _request, reply) => seeOther(tools, reply, '/account/password'),
};

/** The icon for answers that are not our pages, such as JSON shown in a browser. */
export const faviconPage: Page = {
  path: '/favicon.ico',
  isAtRoot: true,
  show: async (tools, _request, reply) => noStore(reply).redirect(tools.renderer.icon, 303),
};

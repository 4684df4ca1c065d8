import { seeOther } from './redirect.ts';
import { openToEverybody } from './who-may-open-page.ts';

/** Leads to the page for a new password. W3C, A Well-Known URL for Changing Passwords §3 */
export const changePasswordPage = openToEverybody({
  path: '/.well-known/change-password',
  isAtRoot: true,
  show: async (tools, _request, reply) => seeOther(tools, reply, '/account/password'),
});

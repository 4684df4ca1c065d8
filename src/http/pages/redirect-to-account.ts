import type { Page } from './page.ts';
import { seeOther } from './redirect.ts';

/** Redirects to the account, for users who type only the host name. */
export const startPage: Page = {
  path: '/',
  show: async (tools, _request, reply) => seeOther(tools, reply, '/account'),
};

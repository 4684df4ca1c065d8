import { seeOther } from './redirect.ts';
import { openToEverybody } from './who-may-open-page.ts';

/** Redirects to the account, for users who type only the host name. */
export const startPage = openToEverybody({
  path: '/',
  show: async (tools, _request, reply) => seeOther(tools, reply, '/account'),
});

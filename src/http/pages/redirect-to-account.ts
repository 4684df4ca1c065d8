import { openToEverybody } from './page-makers.ts';
import { seeOther } from './redirect.ts';

/** Redirects to the account, for users who type only the host name. */
export const startPage = openToEverybody({
  path: '/',
  show: async (tools, _request, reply) => seeOther(tools, reply, '/account'),
});

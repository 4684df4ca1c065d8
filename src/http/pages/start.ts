import { type Page, seeOther } from './page.ts';

/** Leads to the account: who types the host's name alone looks for it. */
export const startPage: Page = {
  path: '/',
  show: async (tools, _request, reply) => seeOther(tools, reply, '/account'),
};

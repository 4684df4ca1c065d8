import { type Page, seeOther } from './page.ts';

/** Who types the host's name alone looks for their account. */
export const startPage: Page = {
  path: '/',
  show: async (tools, _request, reply) => seeOther(tools, reply, '/account'),
};

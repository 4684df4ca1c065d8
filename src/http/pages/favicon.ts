import { noStore } from '../headers.ts';
import type { Page } from './page.ts';

/** The icon for answers that are not our pages, such as JSON shown in a browser. */
export const faviconPage: Page = {
  path: '/favicon.ico',
  isAtRoot: true,
  show: async (tools, _request, reply) => noStore(reply).redirect(tools.renderer.icon, 303),
};

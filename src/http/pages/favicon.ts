import { noStore } from '../response-headers.ts';
import { openToEverybody } from './who-may-open-page.ts';

/** The icon for answers that are not our pages, such as JSON shown in a browser. */
export const faviconPage = openToEverybody({
  path: '/favicon.ico',
  isAtRoot: true,
  show: async (tools, _request, reply) => noStore(reply).redirect(tools.renderer.icon, 303),
});

import type { ResponseMode } from './mode.ts';

/** OAuth 2.0 Form Post Response Mode §2 */
export const formPost = {
  name: 'form_post',
  respond: (redirect_uri, parameters) => ({ kind: 'form_post', redirect_uri, parameters }),
} satisfies ResponseMode;

import { totp } from '../../identity/factors/totp.ts';
import { secondFactorPage } from './make-second-factor-page.ts';

/** Asks for the code of the authenticator app, in a sign-in or where an app or a page wants a stronger one. RFC 6238 */
export const totpPage = secondFactorPage(totp, {
  view: 'totp',
  read: ({ code = '' }) => ({ code }),
});

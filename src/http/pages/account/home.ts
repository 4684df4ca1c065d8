import { signedInPage } from './signed-in.ts';

/** The account: what there is to see and to change. */
export const homePage = signedInPage('/account', {
  show: async ({ show }) => show('account/home', {}),
});

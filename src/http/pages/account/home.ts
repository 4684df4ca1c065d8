import { signedInPage } from './signed-in.ts';

export const homePage = signedInPage('/account', {
  show: async ({ show }) => show('account/home', {}),
});

import { NOT_LINKED, signedInPage } from './make-signed-in-page.ts';

/** The account: links to what the user can see and change. */
export const homePage = signedInPage('/account', {
  linkedAs: NOT_LINKED,
  show: async ({ tools, show }) => show('account/home', { links: tools.accountLinks }),
});

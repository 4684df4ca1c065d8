import { showForm } from '../page.ts';
import { signedInPage } from './signed-in.ts';

export const homePage = signedInPage('/account', {
  async show({ tools, request, reply, user }) {
    const data = { username: user.username, email: user.email, name: user.claims.name };
    return showForm(tools, request, reply, { view: 'account/home', purpose: '/account', data });
  },
});

/** The account page to show after the sign-in: one of these, so that no link can lead to another site. */
const ONWARD = ['password', 'sessions', 'apps', 'sign-out-everywhere'];
const HOME = '/account';

/** The value that the sign-in carries for a path; undefined for the account itself. */
export function onwardOf(path: string): string | undefined {
  return ONWARD.find((name) => path === `${HOME}/${name}`);
}

/** The path of the page that a form or a URL names; `/account` where it names none of them. */
export function onwardPath(carried: string | undefined): string {
  const name = ONWARD.find((one) => one === carried);
  return name === undefined ? HOME : `${HOME}/${name}`;
}

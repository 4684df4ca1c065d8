/** The page of ours that somebody asked for who has to sign in first: one of these, so that no link leads elsewhere. */
const ONWARD = ['password', 'sessions', 'apps', 'sign-out-everywhere'];
const HOME = '/account';

/** What the sign-in carries of a path; undefined for the account itself. */
export function onwardOf(path: string): string | undefined {
  return ONWARD.find((name) => path === `${HOME}/${name}`);
}

/** The path of the page that a form or an address names; `/account` where it names none of them. */
export function onwardPath(carried: string | undefined): string {
  const name = ONWARD.find((one) => one === carried);
  return name === undefined ? HOME : `${HOME}/${name}`;
}

/** The account page to show after the sign-in: one of the table's, so that no link can lead to another site. */
const HOME = '/account';

/** `path` of a page below the account, without `/account/`. */
export type OnwardNames = readonly string[];

/** Of a page's row, what says whether a sign-in can lead to it. */
export interface OpenedRow {
  readonly path: string;
  readonly openTo: string;
}

interface OnwardTools {
  readonly onwardNames: OnwardNames;
}

/** Those of the pages that need a session; one with a parameter in its path has no address of its own. */
export function listOnwardNames(pages: readonly OpenedRow[]): OnwardNames {
  return pages
    .filter(({ path, openTo }) => openTo === 'session' && path.startsWith(`${HOME}/`) && !/[:*]/.test(path))
    .map(({ path }) => path.slice(HOME.length + 1));
}

/** The value that the sign-in carries for a path; undefined for the account itself. */
export function onwardOf({ onwardNames }: OnwardTools, path: string): string | undefined {
  return onwardNames.find((name) => path === `${HOME}/${name}`);
}

/** The path of the page that a form or a URL names; `/account` where it names none of them. */
export function onwardPath({ onwardNames }: OnwardTools, carried: string | undefined): string {
  const name = onwardNames.find((one) => one === carried);
  return name === undefined ? HOME : `${HOME}/${name}`;
}

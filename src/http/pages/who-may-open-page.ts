/**
 * Who may open a page. A row of the table cannot be a bare object, which would be open to everybody by default: a page is
 * made only here, and for users who are signed in by `signedInPage`.
 */
import { type OwnForm, ofOwnForm } from './accept-own-form-or-any-post.ts';
import { CARRIED } from './interaction-in-urls-and-forms.ts';
import type { OpenTo, Page, PageRow } from './page.ts';

const made = new WeakSet<object>();

/** Shows everybody the same, or what the browser itself proves; it tells nothing about a user who is named in a request. */
export function openToEverybody(row: PageRow): Page {
  return make('everybody', row);
}

/** A page of a sign-in or of an authorization: `query` has the names in {@link CARRIED}, and a POST is its own form. */
export function pageOfInteraction({ form, ...row }: InteractionRow): Page {
  const query = [...CARRIED, ...(row.query ?? [])];
  return make('interaction', { ...row, query, ...(form && { submit: ofOwnForm(form) }) });
}

/** For `signedInPage` alone, which looks for the session. */
export function pageWithSession<Notice extends string>(row: PageRow<Notice>): Page<Notice> {
  return make('session', row);
}

/** At run time too, nothing but what was made here is a page. */
export function isPageMade(page: Page): boolean {
  return made.has(page);
}

interface InteractionRow extends Omit<PageRow, 'submit' | 'metadata' | 'linkedAs' | 'isAtRoot'> {
  readonly form?: OwnForm;
}

function make<Notice extends string>(openTo: OpenTo, row: PageRow<Notice>): Page<Notice> {
  const page = { ...row, openTo } as Page<Notice>;
  made.add(page);
  return page;
}

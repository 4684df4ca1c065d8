import { onwardOf, onwardPath } from './account-page-after-sign-in.ts';
import type { PageTools } from './tools-given-to-pages.ts';

/** What the pages of an authorization carry in their URLs and forms; the client_id is used only for a link to the app. */
export interface Carried {
  readonly interaction?: string | undefined;
  readonly client_id?: string | undefined;
  /** Without an app: the account page that the user wants to see. */
  readonly onward?: string | undefined;
}

/** The names of these members, for the `query` of a page. */
export const CARRIED = ['interaction', 'client_id', 'onward'] as const satisfies readonly (keyof Carried)[];

/** The query of the next page's URL. */
export function carriedQuery({ interaction, client_id, onward }: Carried): string {
  if (interaction === undefined) return onward === undefined ? '' : `?${new URLSearchParams({ onward })}`;
  return `?${new URLSearchParams({ interaction, ...(client_id !== undefined && { client_id }) })}`;
}

/** What the fields of a form, or the query of a URL, carry. */
export function carriedIn(
  tools: Pick<PageTools, 'onwardNames'>,
  fields: Readonly<Record<string, string>>,
): Carried {
  const { client_id, onward } = fields;
  return {
    interaction: interactionIn(fields),
    client_id: client_id || undefined,
    onward: onwardOf(tools, onwardPath(tools, onward)),
  };
}

/** The interaction that the fields of a form carry; undefined where no app asks. */
export function interactionIn({ interaction }: Readonly<Record<string, string>>): string | undefined {
  return interaction || undefined;
}

/** The links of the account's first page, from the rows of the pages. */
export interface AccountLink {
  readonly path: string;
  /** The key of its text. */
  readonly text: string;
}

/** Of a page's row, what makes its link. */
export interface LinkedRow {
  readonly path: string;
  readonly linkedAs?: string;
}

/** In the order of the table. */
export function listAccountLinks(pages: readonly LinkedRow[]): readonly AccountLink[] {
  return pages.flatMap(({ path, linkedAs }) => (linkedAs === undefined ? [] : [{ path, text: linkedAs }]));
}

/** The maximum length of a username or e-mail address, in characters. */
export const LONGEST_LOGIN = 320;

/** Invisible format characters, which chats and address books add to a copied name. */
const INVISIBLE = /\p{Cf}+/gu;

/** A name without invisible characters; stored names have none. */
export function visibleName(text: string): string {
  return text.replace(INVISIBLE, '');
}

/** The form in which a username or e-mail address is compared: one key for all its spellings (A067). */
export function loginKey(text: string): string {
  return visibleName(text).normalize('NFKC').trim().toLowerCase();
}

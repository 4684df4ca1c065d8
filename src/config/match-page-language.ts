/** The language of ours that somebody's languages name. RFC 4647 §3.4 (lookup) */
import { type Language, languages } from './built-in-page-languages.ts';

/** The language of the first range that matches one of ours; each range is shortened until it does: de-CH-1996, de-CH, de. */
export function lookUp(ranges: readonly string[]): Language | undefined {
  for (const range of ranges) {
    for (let tag = range.trim().toLowerCase(); tag !== ''; tag = shorten(tag)) {
      const found = languages.find((language) => language.tag === tag);
      if (found) return found;
    }
  }
  return undefined;
}

/** RFC 4647 §3.4: removes the last subtag, and a single letter before it. */
function shorten(tag: string): string {
  return tag.replace(/(?:-[a-z0-9])?-[^-]*$|^[^-]*$/i, '');
}

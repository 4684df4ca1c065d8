/** In which language a page is. RFC 4647 §3.4 (lookup), RFC 9110 §12.5.4 (Accept-Language) */
import type { FastifyRequest } from 'fastify';
import { type Language, languages } from '../config/languages.ts';
import type { Cookies } from './cookies.ts';
import { bodyPairs, queryPairs } from './form.ts';

/** Of Accept-Language and of ui_locales: what is longer is nobody's wish. */
const LONGEST_LIST = 500;

/** A page's address comes twice with what leads from it to another language: in the link, and as its Referer. */
const LONGEST_WAY_BACK = 2000;

/** Where a page is to be had in another language; undefined where the way there is longer than a request may be. */
export function wayBack(path: string): string | undefined {
  return path.length <= LONGEST_WAY_BACK ? path : undefined;
}

/**
 * What the person chose in this browser, then what the app asks for (ui_locales), then what the browser prefers, then
 * English. OpenID Connect Core §3.1.2.1: ui_locales guesses what the person prefers; who chose has said it.
 */
export function chooseLanguage(
  request: FastifyRequest,
  cookies: Cookies,
  ui_locales: string | undefined,
): Language {
  return (
    lookUp([cookies.read(request, 'language') ?? '']) ??
    lookUp((ui_locales ?? askedBy(request)).slice(0, LONGEST_LIST).split(' ')) ??
    lookUp(preferred(request.headers['accept-language'])) ??
    languages[0]
  );
}

/** The language of the first range that any of ours answers, each range shortened until one does: de-CH-1996, de-CH, de. */
export function lookUp(ranges: readonly string[]): Language | undefined {
  for (const range of ranges) {
    for (let tag = range.trim().toLowerCase(); tag !== ''; tag = shorten(tag)) {
      const found = languages.find((language) => language.tag === tag);
      if (found) return found;
    }
  }
  return undefined;
}

/** RFC 4647 §3.4: the last subtag goes, and with it a single letter before it. */
function shorten(tag: string): string {
  return tag.replace(/(?:-[a-z0-9])?-[^-]*$|^[^-]*$/i, '');
}

/** The ranges of Accept-Language, the most wanted first; those that are not wanted (q=0) left out. */
function preferred(header: string | undefined): readonly string[] {
  return (header ?? '')
    .slice(0, LONGEST_LIST)
    .split(',')
    .map((item) => {
      const [range = '', ...parameters] = item.split(';').map((part) => part.trim());
      const q = parameters.find((parameter) => parameter.startsWith('q='))?.slice(2);
      return { range, weight: q === undefined ? 1 : Number(q) || 0 };
    })
    .filter(({ weight }) => weight > 0)
    .sort((one, other) => other.weight - one.weight)
    .map(({ range }) => range);
}

/** What the request itself asks for, where no page knows of it: an error is met before its request is understood. */
function askedBy({ url, body }: FastifyRequest): string {
  try {
    return [...queryPairs(url), ...bodyPairs(body)].find(([name]) => name === 'ui_locales')?.[1] ?? '';
  } catch {
    // What is wrong with the query is said elsewhere.
    return '';
  }
}

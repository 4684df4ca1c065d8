/** Chooses the language of a page. RFC 9110 §12.5.4 (Accept-Language) */
import type { FastifyRequest } from 'fastify';
import { type Language, languages } from '../config/built-in-page-languages.ts';
import { lookUp } from '../config/match-page-language.ts';
import type { Cookies } from './cookies.ts';
import { bodyPairs } from './form-body.ts';
import { queryPairs } from './urlencoded-pairs.ts';

/** In characters, of Accept-Language and ui_locales: the rest is ignored. */
const LONGEST_LIST = 500;

/** A request for another language has the page's path twice: in its query and in its Referer. */
const LONGEST_RETURN_PATH = 2000;

/** The path to return to after the language was changed; undefined where it is too long for a request. */
export function returnPath(path: string): string | undefined {
  return path.length <= LONGEST_RETURN_PATH ? path : undefined;
}

/**
 * The language that the user chose in this browser, then the app's ui_locales, then the browser's Accept-Language, then
 * English. OpenID Connect Core §3.1.2.1: ui_locales is a guess at the user's preference; a choice is the preference.
 */
export function chooseLanguage(
  request: FastifyRequest,
  cookies: Cookies,
  ui_locales: string | undefined,
): Language {
  return (
    lookUp([cookies.read(request, 'language') ?? '']) ??
    lookUp((ui_locales ?? requestedLocales(request)).slice(0, LONGEST_LIST).split(' ')) ??
    lookUp(acceptedRanges(request.headers['accept-language'])) ??
    languages[0]
  );
}

/** The ranges of Accept-Language by weight, the highest first, without those of q=0. */
function acceptedRanges(header: string | undefined): readonly string[] {
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

/** The ui_locales of the request itself, for an error that occurs before the request is parsed. */
function requestedLocales({ url, body }: FastifyRequest): string {
  try {
    return [...queryPairs(url), ...bodyPairs(body)].find(([name]) => name === 'ui_locales')?.[1] ?? '';
  } catch {
    // The fault of the query is reported elsewhere.
    return '';
  }
}

import { languages } from '../../config/built-in-page-languages.ts';
import { ownQuery } from './declared-query-parameters.ts';
import { seeOther } from './redirect.ts';
import { openToEverybody } from './who-may-open-page.ts';

/** Stores a language and returns to the page. Forging this request would gain nothing, so GET may do it. */
export const languagePage = openToEverybody({
  path: '/language',
  query: ['lang', 'back'],

  async show(tools, request, reply) {
    const { lang, back } = ownQuery(tools, request);
    const language = languages.find(({ tag }) => tag === lang);
    if (language) tools.cookies.set(reply, 'language', language.tag);
    return seeOther(tools, reply, ownPath(back));
  },
});

const PLACEHOLDER_ORIGIN = 'https://nowhere.invalid';

/** A015: a path below the issuer, whatever was sent. "/..//host" is such a path only until its dots are resolved. */
function ownPath(back: string | undefined): string {
  const asked =
    back?.startsWith('/') && URL.canParse(back, PLACEHOLDER_ORIGIN)
      ? new URL(back, PLACEHOLDER_ORIGIN)
      : undefined;
  const isOwn = asked?.origin === PLACEHOLDER_ORIGIN && !asked.pathname.startsWith('//');
  return isOwn ? asked.pathname + asked.search : '/login';
}

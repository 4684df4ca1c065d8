import { languages } from '../../config/languages.ts';
import { type Page, seeOther } from './page.ts';
import { ownQuery } from './query.ts';

/** Remembers a language and goes back to the page. It changes nothing that anybody could want to forge. */
export const languagePage: Page = {
  path: '/language',
  query: ['lang', 'back'],

  async show(tools, request, reply) {
    const { lang, back } = ownQuery(tools, request);
    const language = languages.find(({ tag }) => tag === lang);
    if (language) tools.cookies.set(reply, 'language', language.tag);
    return seeOther(tools, reply, ownPath(back));
  },
};

const NOWHERE = 'https://nowhere.invalid';

/** A015: a path below the issuer, whatever was sent; "/..//host" is one only until its dots are resolved. */
function ownPath(back: string | undefined): string {
  const asked = back?.startsWith('/') && URL.canParse(back, NOWHERE) ? new URL(back, NOWHERE) : undefined;
  const isOwn = asked?.origin === NOWHERE && !asked.pathname.startsWith('//');
  return isOwn ? asked.pathname + asked.search : '/login';
}

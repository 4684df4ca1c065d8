/** The mail of a notice: subject, plain text and HTML, in the language of the person. */
import { fileURLToPath } from 'node:url';
import { Eta } from 'eta';
import { languages } from '../config/built-in-page-languages.ts';
import { createTexts, escapeValue, textsIn, viewsDirectory } from '../config/page-texts-and-dates.ts';
import { nameDevice } from '../lib/device-name.ts';
import { advicePages, securityNotices } from './security-notices.ts';
import type { MailedNotice } from './write-notices.ts';

export interface RenderedNotice {
  readonly subject: string;
  readonly text: string;
  readonly html: string;
}

const LONGEST_NAME = 80;

/** Every URL in a mail begins with `issuer`. */
export function createNoticeRenderer(issuer: string): (mailed: MailedNotice) => RenderedNotice {
  const eta = { views: fileURLToPath(viewsDirectory), cache: true };
  const html = new Eta({ ...eta, defaultExtension: '.html', autoEscape: true, escapeFunction: escapeValue });
  // Plain text has no markup that a name could add; controls and line breaks are taken out of each name.
  const text = new Eta({ ...eta, defaultExtension: '.txt', autoEscape: false });
  const english = createTexts(languages[0], viewsDirectory);
  const byLanguage = new Map(
    languages.map((one) => [one.tag as string, textsIn(one, viewsDirectory, english)]),
  );
  return (mailed) => {
    const texts = byLanguage.get(mailed.language) ?? textsIn(languages[0], viewsDirectory, english);
    const { host } = new URL(issuer);
    const it = { ...texts, ...valuesOf(mailed, issuer), host };
    return {
      subject: `${texts.plain(`mail.subject_${mailed.notice}`)} (${host})`,
      text: text.render('/mail/notice', it),
      html: html.render('/mail/notice', it),
    };
  };
}

function valuesOf(
  { notice, at, username, client_name, address, user_agent = '' }: MailedNotice,
  issuer: string,
) {
  const advice = securityNotices[notice];
  const page = advicePages[advice];
  const device = nameDevice(user_agent);
  return {
    notice,
    advice,
    username: plainName(username),
    app: client_name && plainName(client_name),
    at: new Date(at).toISOString(),
    address,
    // A whole User-Agent tells the person nothing.
    device: device === user_agent ? undefined : plainName(device),
    link: page && issuer + page,
  };
}

/**
 * A name that somebody else may have chosen, as one line of bounded length. Mail programs make links of what looks like an
 * address; a zero-width space within it prevents that.
 */
function plainName(text: string): string {
  const line = text.replace(/[\p{C}\p{Zl}\p{Zp}\s]+/gu, ' ').trim();
  const characters = [...line];
  const short = characters.length <= LONGEST_NAME ? line : `${characters.slice(0, LONGEST_NAME).join('')}…`;
  return short.replace(/[.:/@](?=\S)/g, '$&\u200b');
}

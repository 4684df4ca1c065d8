import { MAIL_LIMIT_MS } from '../../notify/deliver-mail.ts';
import { mailFolderOf } from '../../notify/keep-mail-in-files.ts';
import { createSmtpClient, MailServerError } from '../../notify/send-by-smtp.ts';
import { type Finding, fail, type OutsideCheck, pass } from './check.ts';

/** Connects to the mail server and logs in, as a delivery does; sends nothing. */
export const mailCheck: OutsideCheck = {
  name: 'mail',
  async look(settings) {
    const { smtp_url: server, development } = settings;
    if (server === undefined)
      return development ? pass(`no smtp_url: mail is kept in ${mailFolderOf(settings)}`) : NO_MAIL;
    const place = `${server.host}:${server.port}`;
    try {
      const seen = await createSmtpClient(settings, server, MAIL_LIMIT_MS).probe();
      const how = seen.isEncrypted ? 'over TLS' : 'in clear text, on this machine';
      return pass(
        `${place} answers ${how}, ${seen.isLoggedIn ? 'and let this server log in' : 'without a login'}`,
      );
    } catch (error) {
      if (!(error instanceof MailServerError)) throw error;
      const answer = error.answer === undefined ? '' : ` (${error.answer})`;
      return fail(`${place}: ${error.message}${answer}`, FIX);
    }
  },
};

/** An installation without mail is not a broken one. */
const NO_MAIL: Finding = {
  ...pass('no smtp_url: no mail is sent, and nobody is told when their account changes'),
  fix: 'write smtp_url and mail_from (docs/how-to/mail.md)',
};
const FIX =
  'mend the mail server, or smtp_url: host, port (465 for smtps, 587 for smtp), user and password; where its certificate is of an authority of your own, name that in outbound_ca (docs/how-to/mail.md)';

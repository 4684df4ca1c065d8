/** RFC 8414 §3.1: where the issuer has a path, /.well-known is outside it and must reach this server too. */
import { AnswerError, ask, authorityOf, readAnswer } from '../bounded-http-client.ts';
import { type OutsideCheck, pass, warn } from './check.ts';
import { unlessFormerIssuer } from './explain-by-former-issuer.ts';
import { documentSchema } from './issuer-discovery.ts';

/** RFC 8414 §3.1: for an issuer with a path, clients ask at /.well-known/…/path, which a proxy may not pass on. */
export const wellKnownCheck: OutsideCheck = {
  name: 'well-known',
  async look(settings) {
    const { issuer, basePath } = settings;
    if (basePath === '') return pass('the issuer has no path');
    const { origin } = new URL(issuer);
    const place = `/.well-known/oauth-authorization-server${basePath}`;
    try {
      const answer = await ask(origin + place, { authority: authorityOf(settings) });
      const document = readAnswer(answer, documentSchema);
      if (document.issuer === issuer) return pass(`${origin}${place} answers and names ${issuer}`);
      return unlessFormerIssuer(settings, warn(`${origin}${place} names ${document.issuer}`, PASS_ON));
    } catch (error) {
      if (!(error instanceof AnswerError)) throw error;
      return unlessFormerIssuer(settings, warn(error.message, PASS_ON));
    }
  },
};

const PASS_ON =
  'have the proxy pass it on to this server as it came (docs/how-to/production.md); some apps look there alone';

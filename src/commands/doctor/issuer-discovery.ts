import { z } from 'zod';
import type { Settings } from '../../config/settings-schema.ts';
import { AnswerError, ask, authorityOf, readAnswer } from '../bounded-http-client.ts';
import { askAtIssuer, explainAnswer } from './ask-at-issuer.ts';
import { type Finding, fail, type OutsideCheck, pass, warn } from './check.ts';
import { unlessFormerIssuer } from './explain-by-former-issuer.ts';

const documentSchema = z.object({ issuer: z.string() });

export const issuerCheck: OutsideCheck = {
  name: 'issuer',
  async look(settings) {
    const { issuer } = settings;
    const path = '/.well-known/openid-configuration';
    try {
      const document = readAnswer(await askAtIssuer(settings, path), documentSchema);
      if (document.issuer === issuer) return pass(`${issuer}${path} answers and names ${issuer}`);
      const fix = `another server answers there: set issuer to ${document.issuer}, or have ${issuer} lead to this one`;
      return unlessFormerIssuer(settings, fail(`${issuer}${path} names ${document.issuer}`, fix));
    } catch (error) {
      return (await findStrippedPath(settings, path)) ?? explainAnswer(settings, error);
    }
  },
};

/** A proxy that strips the path of the issuer answers at a URL that has the path twice. */
async function findStrippedPath(settings: Settings, path: string): Promise<Finding | undefined> {
  const { issuer, basePath } = settings;
  if (basePath === '') return undefined;
  try {
    const document = readAnswer(await askAtIssuer(settings, basePath + path), documentSchema);
    if (document.issuer !== issuer) return undefined;
  } catch {
    return undefined;
  }
  return fail(
    `the proxy takes the path ${basePath} away: the server would answer at ${issuer}${basePath}${path}`,
    `have it pass the whole path on (nginx: proxy_pass with no path and no slash after the port; Caddy: handle, not handle_path)`,
  );
}

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

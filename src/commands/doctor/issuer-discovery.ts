import { z } from 'zod';
import type { Settings } from '../../config/settings-schema.ts';
import { readAnswer } from '../bounded-http-client.ts';
import { askAtIssuer } from './ask-at-issuer.ts';
import { type Finding, fail, type OutsideCheck, pass } from './check.ts';
import { unlessFormerIssuer } from './explain-by-former-issuer.ts';
import { explainAnswer } from './explain-unreachable-issuer.ts';

export const documentSchema = z.object({ issuer: z.string() });

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

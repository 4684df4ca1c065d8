/** sector_identifier_uri: a list that names every redirect URI. OpenID Connect Dynamic Client Registration §5 */
import { z } from 'zod';
import { parseJsonBytes } from '../../lib/json-text.ts';
import type { Outbound } from '../../outbound/send.ts';
import type { OAuthContext } from '../context.ts';

const listSchema = z.array(z.string());

/** What is wrong with it, as a sentence; undefined where it is not used, or in order. */
export async function findSectorFault(
  { outbound, log }: Pick<OAuthContext, 'outbound' | 'log'>,
  { sector_identifier_uri, redirect_uris }: Readonly<Record<string, unknown>>,
): Promise<string | undefined> {
  if (sector_identifier_uri === undefined) return undefined;
  if (typeof sector_identifier_uri !== 'string' || !URL.canParse(sector_identifier_uri)) {
    return 'sector_identifier_uri must be an https URL';
  }
  try {
    const listed = await fetchList(outbound, sector_identifier_uri);
    const missing = z
      .array(z.string())
      .parse(redirect_uris)
      .find((uri) => !listed.includes(uri));
    return missing && `sector_identifier_uri does not list the redirect_uri ${missing}`;
  } catch (error) {
    // A109: the sentence is the same whatever was there; only the log says what.
    log.warn({ sector_identifier_uri, error: String(error) }, 'a sector_identifier_uri could not be read');
    return 'sector_identifier_uri could not be read as a JSON list of redirect URIs';
  }
}

async function fetchList(outbound: Outbound, url: string): Promise<readonly string[]> {
  const { status, body } = await outbound({ url, method: 'GET', accept: 'application/json' });
  if (status !== 200) throw new Error(`it answered ${status}`);
  return listSchema.parse(parseJsonBytes(body));
}

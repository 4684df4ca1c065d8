/** sector_identifier_uri: a list that names every redirect URI. OpenID Connect Dynamic Client Registration §5 */
import { z } from 'zod';
import type { IdentityContext } from '../../identity/context.ts';
import { parseJsonBytes } from '../../lib/parse-untrusted-json.ts';
import type { Outbound } from '../../outbound/send-to-checked-address.ts';
import { metadataSchema } from './metadata-shape.ts';

const askedSchema = metadataSchema.pick({ redirect_uris: true, sector_identifier_uri: true });
/** Looked through once: a schema of its entries would make an error of each that is of a wrong type. */
const listSchema = z.custom<readonly string[]>(isListOfTexts, { error: 'it is no list of texts' });

/** What is wrong with it, as a sentence; undefined where it is not used, or in order. */
export async function findSectorFault(
  { outbound, log }: Pick<IdentityContext, 'log'> & { readonly outbound: Outbound },
  draft: Readonly<Record<string, unknown>>,
): Promise<string | undefined> {
  // What has another form is for the rules of all metadata to refuse; nothing is fetched for it.
  const { sector_identifier_uri, redirect_uris = [] } = askedSchema.safeParse(draft).data ?? {};
  if (sector_identifier_uri === undefined) return undefined;
  try {
    const listed = new Set(await fetchList(outbound, sector_identifier_uri));
    const missing = redirect_uris.find((uri) => !listed.has(uri));
    return missing && `sector_identifier_uri does not list the redirect_uri ${missing}`;
  } catch (error) {
    // A109: the sentence is the same whatever was there; only the log says what.
    log.warn({ sector_identifier_uri, error: String(error) }, 'a sector_identifier_uri could not be read');
    return 'sector_identifier_uri could not be read as a JSON list of redirect URIs';
  }
}

async function fetchList(outbound: Outbound, url: string): Promise<readonly string[]> {
  const { status, body } = await outbound({
    url,
    method: 'GET',
    accept: 'application/json',
    selfRegistered: true,
  });
  if (status !== 200) throw new Error(`it answered ${status}`);
  return listSchema.parse(parseJsonBytes(body));
}

function isListOfTexts(value: unknown): boolean {
  return Array.isArray(value) && value.every((entry) => typeof entry === 'string');
}

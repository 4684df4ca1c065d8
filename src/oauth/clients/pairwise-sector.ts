/** The sector of a client whose subjects are pairwise. OpenID Connect Core §8.1 */

export interface SectorMetadata {
  readonly redirect_uris: readonly string[];
  readonly sector_identifier_uri?: string | undefined;
}

/** The host of sector_identifier_uri, or the one host of all redirect URIs; undefined where there is none. */
export function sectorOf({ redirect_uris, sector_identifier_uri }: SectorMetadata): string | undefined {
  if (sector_identifier_uri !== undefined) return new URL(sector_identifier_uri).hostname;
  const hosts = new Set(redirect_uris.map(hostThatAssures));
  const [only] = hosts;
  return hosts.size === 1 ? only : undefined;
}

/** Only a web address has a host with an owner; in development that may be this machine. */
function hostThatAssures(uri: string): string | undefined {
  return /^https?:/.test(uri) && URL.canParse(uri) ? new URL(uri).hostname : undefined;
}

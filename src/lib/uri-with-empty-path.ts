/** RFC 3986 §6.2.3: with http and https an empty path is "/", so `https://host` and `https://host/` are equal. */

const EMPTY_PATH = /^(https?:\/\/[^/?#]+)(\/?)$/i;

/** The URI with the other spelling of an empty path; the URI itself if its path is not empty. */
export function otherSpelling(uri: string): string {
  const [, host, slash] = EMPTY_PATH.exec(uri) ?? [];
  if (host === undefined) return uri;
  return slash === '' ? `${host}/` : host;
}

/** Compares byte for byte, except for an empty path. */
export function isSameUri(one: string, other: string): boolean {
  return one === other || otherSpelling(one) === other;
}

/** RFC 3986 §6.2.3: with http and https an empty path is "/", so `https://host` and `https://host/` are one. */

const EMPTY_PATH = /^(https?:\/\/[^/?#]+)(\/?)$/i;

/** The other way to write it; itself where there is none. */
export function otherSpelling(uri: string): string {
  const [, host, slash] = EMPTY_PATH.exec(uri) ?? [];
  if (host === undefined) return uri;
  return slash === '' ? `${host}/` : host;
}

/** Byte for byte, but for an empty path. */
export function isSameUri(one: string, other: string): boolean {
  return one === other || otherSpelling(one) === other;
}

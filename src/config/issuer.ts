/** The forms that the setting `issuer` accepts. */

/**
 * RFC 8414 §2: no query, no fragment. The text is kept as written, because clients compare bytes. Throws if it is
 * invalid.
 */
export function parseIssuer(text: string): string {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (!url || !/^https?:$/.test(url.protocol))
    throw new Error(`"${text}" is not an https URL, such as https://id.example.com`);
  if (/[?#]/.test(text) || url.username !== '')
    throw new Error(`"${text}" must have no query, fragment or user`);
  if (text.endsWith('/'))
    throw new Error(`"${text}" must not end in a slash; write "${text.replace(/(?<!\/)\/+$/, '')}"`);
  // The router decodes other characters, or reads them as a pattern.
  if (!/^[\w.~/-]*$/.test(url.pathname))
    throw new Error(
      `"${text}" has a path of other characters than a-z A-Z 0-9 - . _ ~ /; write one of these alone`,
    );
  // A browser reads "//name/login" as the page /login of another host.
  if (url.pathname.includes('//'))
    throw new Error(`"${text}" has two slashes in a row; write "${withSingleSlashes(url)}"`);
  const canonical = url.origin + (url.pathname === '/' ? '' : url.pathname);
  if (canonical !== text) throw new Error(`"${text}" must be written as "${canonical}"`);
  return text;
}

function withSingleSlashes({ origin, pathname }: URL): string {
  return origin + pathname.replace(/\/{2,}/g, '/');
}

/** What an issuer may be written as. */

/** RFC 8414 §2: no query, no fragment; the text is kept as it was written, since clients compare bytes. */
export function parseIssuer(text: string): string {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (!url || !/^https?:$/.test(url.protocol))
    throw new Error(`"${text}" is not an https URL, such as https://id.example.com`);
  if (/[?#]/.test(text) || url.username !== '')
    throw new Error(`"${text}" must have no query, fragment or user`);
  if (text.endsWith('/'))
    throw new Error(`"${text}" must not end in a slash; write "${text.replace(/(?<!\/)\/+$/, '')}"`);
  // What the router decodes, or reads as a pattern.
  if (!/^[\w.~/-]*$/.test(url.pathname))
    throw new Error(
      `"${text}" has a path of other characters than a-z A-Z 0-9 - . _ ~ /; write one of these alone`,
    );
  // A browser takes "//name/login" for the page /login of another host.
  if (url.pathname.includes('//'))
    throw new Error(`"${text}" has two slashes in a row; write "${withSingleSlashes(url)}"`);
  const canonical = url.origin + (url.pathname === '/' ? '' : url.pathname);
  if (canonical !== text) throw new Error(`"${text}" must be written as "${canonical}"`);
  return text;
}

function withSingleSlashes({ origin, pathname }: URL): string {
  return origin + pathname.replace(/\/{2,}/g, '/');
}

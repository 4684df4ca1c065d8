/** A message about a setting without the secret that it shows. */

/** Removes secrets from a sentence: the password of a URL, and text that looks like a key. */
export function withoutSecrets(sentence: string): string {
  return sentence
    .replace(/[^\s"]+/g, withoutPassword)
    .replace(/"(?=[^"]*\d)[\w+/=-]{32,}"/g, 'a long text (not shown: it is like a secret)');
}

function withoutPassword(url: string): string {
  const authority = url.indexOf('://');
  const [colon, end] = [url.indexOf(':', authority + 3), url.lastIndexOf('@')];
  return authority < 0 || colon < 0 || end < colon ? url : `${url.slice(0, colon + 1)}…${url.slice(end)}`;
}

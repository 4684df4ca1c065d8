/** What was compared, for page, log and audit: no longer than somebody reads. */
const LONGEST_SHOWN = 200;
const LONGEST_LISTED = 1000;

/** A URI that a request named. */
export function shownUri(uri: string): string {
  return shortened(uri, LONGEST_SHOWN);
}

/** Those that are registered, space-separated. */
export function shownUris(uris: readonly string[]): string {
  return shortened(uris.join(' '), LONGEST_LISTED);
}

function shortened(text: string, longest: number): string {
  return text.length <= longest ? text : `${text.slice(0, longest)}…`;
}

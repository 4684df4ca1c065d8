/** What was compared, for page, log and audit: no longer than somebody reads. */
import { escapeControls } from '../lib/control-characters.ts';

const LONGEST_SHOWN = 200;
const LONGEST_LISTED = 1000;

/** A URI that a request named, within a sentence of ours, which it must not turn around. */
export function shownUri(uri: string): string {
  return shortened(escapeControls(uri), LONGEST_SHOWN);
}

/** Those that are registered, space-separated. */
export function shownUris(uris: readonly string[]): string {
  return shortened(uris.join(' '), LONGEST_LISTED);
}

function shortened(text: string, longest: number): string {
  return text.length <= longest ? text : `${text.slice(0, longest)}…`;
}

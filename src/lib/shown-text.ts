/** What was compared, for page, log and audit: no longer than somebody reads. */
import { escapeControls } from './control-characters.ts';

const LONGEST_SHOWN = 200;
const LONGEST_LISTED = 1000;

/** What a request named, a URI or a path, within a sentence of ours, which it must not turn around. */
export function shownText(text: string): string {
  return shortened(escapeControls(text), LONGEST_SHOWN);
}

/** Those that are registered, space-separated. */
export function shownUris(uris: readonly string[]): string {
  return shortened(uris.join(' '), LONGEST_LISTED);
}

function shortened(text: string, longest: number): string {
  return text.length <= longest ? text : `${text.slice(0, longest)}…`;
}

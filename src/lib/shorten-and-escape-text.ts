/** Shortens compared values for pages, log and audit to a readable length. */
import { escapeControls } from './escape-control-characters.ts';

const LONGEST_SHOWN = 200;
const LONGEST_LISTED = 1000;

/**
 * A URI or path from a request, to be quoted in a sentence; its control characters must not change how the sentence
 * is shown.
 */
export function shownText(text: string): string {
  return shortened(escapeControls(text), LONGEST_SHOWN);
}

/** A list of URIs, space-separated. */
export function shownUris(uris: readonly string[]): string {
  return shortened(uris.join(' '), LONGEST_LISTED);
}

function shortened(text: string, longest: number): string {
  return text.length <= longest ? text : `${text.slice(0, longest)}…`;
}

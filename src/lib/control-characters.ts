/** Characters that move a terminal's cursor, start its commands, break a line or turn the reading direction around. */

/** C0, DEL and C1; the bidirectional controls (UAX #9 §2); the two separators of Unicode. */
const CONTROLS = /[\p{Cc}\p{Bidi_Control}\p{Zl}\p{Zp}]/gu;
const CONTROLS_IN_LINES = /(?!\n)[\p{Cc}\p{Bidi_Control}\p{Zl}\p{Zp}]/gu;

/** A text of one line, whatever it holds: each of them as \uXXXX. */
export function escapeControls(text: string): string {
  return text.replace(CONTROLS, escaped);
}

/** The same of a text of several lines, whose own ends stay. What was valid JSON still is, and means the same. */
export function escapeControlsInLines(text: string): string {
  return text.replace(CONTROLS_IN_LINES, escaped);
}

function escaped(character: string): string {
  return `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;
}

/** Characters that move a terminal's cursor, start its commands, break a line or reverse the reading direction. */

/** C0, DEL and C1; the bidirectional controls (UAX #9 §2); the two separators of Unicode. */
const CONTROLS = /[\p{Cc}\p{Bidi_Control}\p{Zl}\p{Zp}]/gu;
const CONTROLS_IN_LINES = /(?!\n)[\p{Cc}\p{Bidi_Control}\p{Zl}\p{Zp}]/gu;

/** Replaces each control character with \uXXXX, so that the text is one line. */
export function escapeControls(text: string): string {
  return text.replace(CONTROLS, escaped);
}

/** The same, but line breaks (LF) stay. Valid JSON stays valid and keeps its meaning. */
export function escapeControlsInLines(text: string): string {
  return text.replace(CONTROLS_IN_LINES, escaped);
}

function escaped(character: string): string {
  return `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;
}

/** JSON that came from outside. RFC 8259 §4, §9; RFC 7493 §2.1, §2.3 */

/** JSON.stringify and everything else that recurses runs out of stack some thousand levels down. */
const DEEPEST = 32;

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** The value. Throws SyntaxError for what is no JSON, nested deeper than 32, or has a name twice in one object. */
export function parseJson(text: string): unknown {
  checkShape(text);
  return JSON.parse(text);
}

/** The same of bytes. Throws TypeError where they are not UTF-8. */
export function parseJsonBytes(bytes: Uint8Array): unknown {
  return parseJson(utf8.decode(bytes));
}

const QUOTE = 0x22;
const COLON = 0x3a;
const BACKSLASH = 0x5c;
const OPEN_LIST = 0x5b;
const CLOSE_LIST = 0x5d;
const OPEN_OBJECT = 0x7b;
const CLOSE_OBJECT = 0x7d;
const SPACE = 0x20;

/** In one pass, and before anything else looks at the text. */
function checkShape(text: string): void {
  /** The names in each object that is open; undefined for a list. */
  const open: (Set<string> | undefined)[] = [];
  for (let at = 0; at < text.length; at += 1) {
    const code = text.charCodeAt(at);
    if (code === QUOTE) {
      const end = endOfString(text, at);
      if (isName(text, end)) addName(open.at(-1), text.slice(at, end));
      at = end - 1;
    } else if (code === OPEN_OBJECT || code === OPEN_LIST) {
      if (open.push(code === OPEN_OBJECT ? new Set() : undefined) > DEEPEST)
        throw new SyntaxError(`it is nested deeper than ${DEEPEST} levels`);
    } else if (code === CLOSE_OBJECT || code === CLOSE_LIST) open.pop();
  }
}

/** Behind the closing quotation mark; `at` is the opening one. */
function endOfString(text: string, at: number): number {
  for (let end = at + 1; end < text.length; end += 1) {
    const code = text.charCodeAt(end);
    if (code === QUOTE) return end + 1;
    if (code === BACKSLASH) end += 1;
  }
  throw new SyntaxError('a string has no end');
}

/** In JSON a colon follows names alone, with white space before it or none. */
function isName(text: string, end: number): boolean {
  let next = end;
  while (text.charCodeAt(next) <= SPACE) next += 1;
  return text.charCodeAt(next) === COLON;
}

/** RFC 7515 §4, RFC 7519 §4: refused, or two readers would see two values. `quoted` is the name as it is written. */
function addName(names: Set<string> | undefined, quoted: string): void {
  const name: string = quoted.includes('\\') ? JSON.parse(quoted) : quoted.slice(1, -1);
  if (names?.has(name)) throw new SyntaxError(`the name ${JSON.stringify(name.slice(0, 40))} is there twice`);
  names?.add(name);
}

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

/** In one pass, and before anything else looks at the text. */
function checkShape(text: string): void {
  /** The names in each object that is open; undefined for a list. */
  const open: (Set<string> | undefined)[] = [];
  for (let at = 0; at < text.length; at += 1) {
    const character = text[at];
    if (character === '"') {
      const end = endOfString(text, at);
      if (isName(text, end)) addName(open.at(-1), JSON.parse(text.slice(at, end)));
      at = end - 1;
    } else if (character === '{' || character === '[') {
      if (open.push(character === '{' ? new Set() : undefined) > DEEPEST)
        throw new SyntaxError(`it is nested deeper than ${DEEPEST} levels`);
    } else if (character === '}' || character === ']') open.pop();
  }
}

/** Behind the closing quotation mark; `at` is the opening one. */
function endOfString(text: string, at: number): number {
  for (let end = at + 1; end < text.length; end += 1) {
    if (text[end] === '"') return end + 1;
    if (text[end] === '\\') end += 1;
  }
  throw new SyntaxError('a string has no end');
}

/** In JSON a colon follows names alone. */
function isName(text: string, end: number): boolean {
  let next = end;
  while (next < text.length && ' \t\n\r'.includes(text[next] as string)) next += 1;
  return text[next] === ':';
}

/** RFC 7515 §4, RFC 7519 §4: refused, or two readers would see two values. */
function addName(names: Set<string> | undefined, name: string): void {
  if (names?.has(name)) throw new SyntaxError(`the name ${JSON.stringify(name.slice(0, 40))} is there twice`);
  names?.add(name);
}

/** JSON of strangers: UTF-8 or nothing, and every member once. RFC 8259 §4, §8 */
import { decodeUtf8 } from './utf8.ts';

const LONGEST_SHOWN = 60;

/** The bytes are no JSON that two readers read alike; the message says why. */
export class JsonError extends Error {
  readonly reason: string;
  constructor(reason: string, message: string) {
    super(message);
    this.reason = reason;
  }
}

/** Throws {@link JsonError}. */
export function parseJson(bytes: Uint8Array): unknown {
  const text = decode(bytes);
  const value = parse(text);
  checkStrings(text);
  return value;
}

function decode(bytes: Uint8Array): string {
  try {
    return decodeUtf8(bytes);
  } catch {
    throw malformed('malformed_encoding', 'the JSON is not UTF-8; send it as UTF-8');
  }
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw malformed('malformed_json', 'the body is not well-formed JSON');
  }
}

/** A reader that takes the first of two members and one that takes the last see two documents. `text` is JSON. */
function checkStrings(text: string): void {
  // The names so far in each object that is open; undefined for a list.
  const open: (Set<string> | undefined)[] = [];
  for (let at = 0; at < text.length; at += 1) {
    const character = text[at];
    if (character === '{') open.push(new Set());
    else if (character === '[') open.push(undefined);
    else if (character === '}' || character === ']') open.pop();
    else if (character === '"') {
      const end = endOfString(text, at);
      checkString(readString(text.slice(at, end)), isName(text, end) ? open.at(-1) : undefined);
      at = end - 1;
    }
  }
}

function checkString(value: string, names: Set<string> | undefined): void {
  if (names?.has(value))
    throw malformed(
      'repeated_member',
      `the JSON has the member ${value.slice(0, LONGEST_SHOWN)} twice in one object; send it once`,
    );
  names?.add(value);
}

function readString(quoted: string): string {
  if (!quoted.includes('\\')) return quoted.slice(1, -1);
  const value: string = JSON.parse(quoted);
  // Half of a surrogate pair, which is stored and sent as U+FFFD.
  if (/\p{Surrogate}/u.test(value))
    throw malformed('malformed_encoding', 'a string of the JSON holds half of a surrogate pair');
  return value;
}

function endOfString(text: string, start: number): number {
  let at = start + 1;
  while (text[at] !== '"') at += text[at] === '\\' ? 2 : 1;
  return at + 1;
}

function isName(text: string, end: number): boolean {
  let at = end;
  while (' \t\r\n'.includes(text[at] ?? ':')) at += 1;
  return text[at] === ':';
}

function malformed(reason: string, message: string): JsonError {
  return new JsonError(reason, message);
}

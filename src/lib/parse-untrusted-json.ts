/** Parses JSON from untrusted sources. RFC 8259 §4, §8, §9; RFC 7493 §2.1, §2.3 */
import type { Reason } from './refusal-reason.ts';
import { decodeUtf8 } from './utf8.ts';

/** JSON.stringify and other recursive functions run out of stack after some thousand levels. */
const DEEPEST = 32;
const LONGEST_SHOWN = 60;

/**
 * Not JSON, or JSON that two parsers could read differently; the message says why, and `reason` is the stable word
 * for it.
 */
export class JsonError extends SyntaxError {
  readonly reason: Reason;
  constructor(reason: Reason, message: string) {
    super(message);
    this.reason = reason;
  }
}

/** Parses JSON. Throws {@link JsonError}, also for nesting deeper than 32 and for a member name repeated in one object. */
export function parseJson(text: string): unknown {
  checkShape(text);
  return parse(text);
}

/** The same for bytes. Throws {@link JsonError} if they are not UTF-8. */
export function parseJsonBytes(bytes: Uint8Array): unknown {
  return parseJson(decode(bytes));
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
    throw malformed('malformed_json', 'this is not well-formed JSON');
  }
}

const QUOTE = 0x22;
const COLON = 0x3a;
const BACKSLASH = 0x5c;
const OPEN_LIST = 0x5b;
const CLOSE_LIST = 0x5d;
const OPEN_OBJECT = 0x7b;
const CLOSE_OBJECT = 0x7d;
const SPACE = 0x20;

/** One pass, before anything else reads the text. */
function checkShape(text: string): void {
  /** The member names of each open object; undefined for an open array. */
  const open: (Set<string> | undefined)[] = [];
  for (let at = 0; at < text.length; at += 1) {
    const code = text.charCodeAt(at);
    if (code === QUOTE) {
      const end = endOfString(text, at);
      const value = readString(text.slice(at, end));
      if (isName(text, end)) addName(open.at(-1), value);
      at = end - 1;
    } else if (code === OPEN_OBJECT || code === OPEN_LIST) {
      if (open.push(code === OPEN_OBJECT ? new Set() : undefined) > DEEPEST)
        throw malformed('malformed_json', `the JSON is nested deeper than ${DEEPEST} levels`);
    } else if (code === CLOSE_OBJECT || code === CLOSE_LIST) open.pop();
  }
}

/** The position after the closing quotation mark; `at` is that of the opening one. */
function endOfString(text: string, at: number): number {
  for (let end = at + 1; end < text.length; end += 1) {
    const code = text.charCodeAt(end);
    if (code === QUOTE) return end + 1;
    if (code === BACKSLASH) end += 1;
  }
  throw malformed('malformed_json', 'a string of the JSON has no end');
}

/** In JSON only a member name is followed by a colon, with or without white space before it. */
function isName(text: string, end: number): boolean {
  let next = end;
  while (text.charCodeAt(next) <= SPACE) next += 1;
  return text.charCodeAt(next) === COLON;
}

function readString(quoted: string): string {
  if (!quoted.includes('\\')) return quoted.slice(1, -1);
  const value = String(parse(quoted));
  // Half of a surrogate pair would be stored and sent as U+FFFD.
  if (/\p{Surrogate}/u.test(value))
    throw malformed('malformed_encoding', 'a string of the JSON holds half of a surrogate pair');
  return value;
}

/** RFC 7515 §4, RFC 7519 §4: of a repeated member some parsers take the first value and others the last. */
function addName(names: Set<string> | undefined, name: string): void {
  if (names?.has(name)) {
    const shown = JSON.stringify(name.slice(0, LONGEST_SHOWN));
    throw malformed('repeated_member', `the JSON has the member ${shown} twice in one object; send it once`);
  }
  names?.add(name);
}

function malformed(reason: Reason, message: string): JsonError {
  return new JsonError(reason, message);
}

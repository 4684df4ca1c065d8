/** Text that an operator wrote into a file or a pipe. What is not UTF-8 is refused, never repaired with U+FFFD. */
import { isUtf8 } from 'node:buffer';
import { decodeUtf8 } from './utf8.ts';

/**
 * The message says what is wrong with the text and what to do. It continues the name of the source, and quotes no
 * text from it.
 */
export class OperatorTextError extends Error {}

const MARKS: readonly { readonly encoding: string; readonly mark: readonly number[] }[] = [
  // Before UTF-16LE, whose mark is a prefix of this one.
  { encoding: 'UTF-32LE', mark: [0xff, 0xfe, 0, 0] },
  { encoding: 'UTF-32BE', mark: [0, 0, 0xfe, 0xff] },
  { encoding: 'UTF-16LE', mark: [0xff, 0xfe] },
  { encoding: 'UTF-16BE', mark: [0xfe, 0xff] },
];

/** The text, without the byte order mark that Windows puts before UTF-8. Throws {@link OperatorTextError}. */
export function decodeOperatorText(bytes: Uint8Array): string {
  refuseOtherEncoding(bytes);
  try {
    return withoutMark(decodeUtf8(bytes));
  } catch {
    throw new OperatorTextError(
      `is not UTF-8 in line ${wrongLine(bytes)}, but perhaps ISO-8859-1 or Windows-1252; ` +
        'write it anew as UTF-8, such as by iconv -f WINDOWS-1252 -t UTF-8',
    );
  }
}

/** The same for a PEM file. RFC 7468 §2: anything may surround the boundaries, so its encoding is not checked. */
export function decodePem(bytes: Uint8Array): string {
  if (isDer(bytes))
    throw new OperatorTextError(
      'is DER or PKCS#12, and PEM is needed: openssl x509 -inform der (a certificate), openssl pkey -inform der (a key), ' +
        'openssl pkcs12 -nodes (.p12, .pfx) write it',
    );
  refuseOtherEncoding(bytes);
  return withoutMark(Buffer.from(bytes).toString('utf8'));
}

/** The same for a secret of one line, without the line break at its end. */
export function decodeSecret(bytes: Uint8Array): string {
  const text = decodeOperatorText(bytes).replace(/\r?\n$/, '');
  checkSecret(text);
  return text;
}

/** Refuses a password that no form accepts, as nobody could sign in with it. Throws {@link OperatorTextError}. */
export function checkSecret(text: string): void {
  if (/[\r\n]/.test(text)) throw new OperatorTextError('has more than one line; write one alone');
  if (text.includes('\0')) throw holdsNul();
  refuseReplacementCharacter(text);
}

/** Node and terminals replace bytes that are not UTF-8 with U+FFFD. Throws {@link OperatorTextError}. */
export function refuseReplacementCharacter(text: string): void {
  if (text.includes('\ufffd'))
    throw new OperatorTextError(
      'is not UTF-8, or was damaged before (it holds U+FFFD); write it anew as UTF-8',
    );
}

function refuseOtherEncoding(bytes: Uint8Array): void {
  const marked = MARKS.find(({ mark }) => mark.every((byte, index) => bytes[index] === byte));
  if (marked)
    throw new OperatorTextError(
      `is ${marked.encoding}; write it anew as UTF-8, such as by iconv -f ${marked.encoding.slice(0, 6)} -t UTF-8`,
    );
  if (bytes.includes(0)) throw holdsNul();
}

/** X.690: certificates, keys and PKCS#12 files begin with a SEQUENCE. */
function isDer([first, second = 0]: Uint8Array): boolean {
  return first === 0x30 && second >= 0x80;
}

function holdsNul(): OperatorTextError {
  return new OperatorTextError('holds NUL, as UTF-16 and binary data do; write it anew as text in UTF-8');
}

function withoutMark(text: string): string {
  return text.replace(/^\ufeff/, '');
}

/** Counted from 1. No UTF-8 character spans the end of a line. */
function wrongLine(bytes: Uint8Array): number {
  const lines = Buffer.from(bytes).toString('latin1').split('\n');
  return lines.findIndex((line) => !isUtf8(Buffer.from(line, 'latin1'))) + 1;
}

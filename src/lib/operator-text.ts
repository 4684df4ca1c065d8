/** Text that an operator wrote into a file or a pipe: it is UTF-8, or refused and never repaired with U+FFFD. */
import { isUtf8 } from 'node:buffer';
import { decodeUtf8 } from './utf8.ts';

/** What is wrong with the text and what to do, said behind the name of its place; nothing that stands in it. */
export class WrittenTextError extends Error {}

const MARKS: readonly { readonly encoding: string; readonly mark: readonly number[] }[] = [
  // The mark of UTF-16 begins like this one.
  { encoding: 'UTF-32LE', mark: [0xff, 0xfe, 0, 0] },
  { encoding: 'UTF-32BE', mark: [0, 0, 0xfe, 0xff] },
  { encoding: 'UTF-16LE', mark: [0xff, 0xfe] },
  { encoding: 'UTF-16BE', mark: [0xfe, 0xff] },
];

/** Without the byte order mark that Windows puts before UTF-8. Throws {@link WrittenTextError}. */
export function decodeWritten(bytes: Uint8Array): string {
  refuseOtherEncoding(bytes);
  try {
    return withoutMark(decodeUtf8(bytes));
  } catch {
    throw new WrittenTextError(
      `is not UTF-8 in line ${wrongLine(bytes)}, but perhaps ISO-8859-1 or Windows-1252; ` +
        'write it anew as UTF-8, such as by iconv -f WINDOWS-1252 -t UTF-8',
    );
  }
}

/** The same of a PEM file. RFC 7468 §2: what stands around the boundaries may be anything, and is not looked at. */
export function decodePem(bytes: Uint8Array): string {
  if (isDer(bytes))
    throw new WrittenTextError(
      'is DER or PKCS#12, and PEM is needed: openssl x509 -inform der (a certificate), openssl pkey -inform der (a key), ' +
        'openssl pkcs12 -nodes (.p12, .pfx) write it',
    );
  refuseOtherEncoding(bytes);
  return withoutMark(Buffer.from(bytes).toString('utf8'));
}

/** The same of a secret of one line, without the line break at its end. */
export function decodeSecret(bytes: Uint8Array): string {
  const text = decodeWritten(bytes).replace(/\r?\n$/, '');
  checkSecret(text);
  return text;
}

/** A password that no form takes could never be typed again. Throws {@link WrittenTextError}. */
export function checkSecret(text: string): void {
  if (/[\r\n]/.test(text)) throw new WrittenTextError('has more than one line; write one alone');
  if (text.includes('\0')) throw holdsNul();
  refuseRepaired(text);
}

/** Node and terminals put U+FFFD where what they were given is not UTF-8. Throws {@link WrittenTextError}. */
export function refuseRepaired(text: string): void {
  if (text.includes('\ufffd'))
    throw new WrittenTextError(
      'is not UTF-8, or was damaged before (it holds U+FFFD); write it anew as UTF-8',
    );
}

function refuseOtherEncoding(bytes: Uint8Array): void {
  const marked = MARKS.find(({ mark }) => mark.every((byte, index) => bytes[index] === byte));
  if (marked)
    throw new WrittenTextError(
      `is ${marked.encoding}; write it anew as UTF-8, such as by iconv -f ${marked.encoding.slice(0, 6)} -t UTF-8`,
    );
  if (bytes.includes(0)) throw holdsNul();
}

/** X.690: the SEQUENCE that a certificate, a key and PKCS#12 are in. */
function isDer([first, second = 0]: Uint8Array): boolean {
  return first === 0x30 && second >= 0x80;
}

function holdsNul(): WrittenTextError {
  return new WrittenTextError('holds NUL, as UTF-16 and binary data do; write it anew as text in UTF-8');
}

function withoutMark(text: string): string {
  return text.replace(/^\ufeff/, '');
}

/** Counted from 1. No character of UTF-8 goes over the end of a line. */
function wrongLine(bytes: Uint8Array): number {
  const lines = Buffer.from(bytes).toString('latin1').split('\n');
  return lines.findIndex((line) => !isUtf8(Buffer.from(line, 'latin1'))) + 1;
}

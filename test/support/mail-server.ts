/** A real mail server on loopback, which keeps what it is sent. */
import type { AddressInfo } from 'node:net';
import { SMTPServer, type SMTPServerOptions } from 'smtp-server';
import { parseMailServer } from '../../src/config/parse-mail-settings.ts';

export interface ReceivedMail {
  readonly from: string;
  readonly to: readonly string[];
  readonly isEncrypted: boolean;
  readonly user: string | undefined;
  /** As it came, with its headers. */
  readonly raw: string;
  /** Unfolded and decoded. Undefined where there is none. */
  header(name: string): string | undefined;
  readonly text: string;
  readonly html: string;
}

export interface TestMailServer {
  readonly port: number;
  /** For smtp_url. */
  readonly url: string;
  readonly received: ReceivedMail[];
  stop(): Promise<void>;
}

/** `options` are those of the library, for a server that refuses, waits or encrypts. */
export async function startMailServer(options: SMTPServerOptions = {}): Promise<TestMailServer> {
  const received: ReceivedMail[] = [];
  const server = new SMTPServer({
    authOptional: true,
    hideSTARTTLS: options.key === undefined,
    logger: false,
    closeTimeout: 100,
    onData(stream, session, done) {
      const chunks: Buffer[] = [];
      stream.on('data', (chunk: Buffer) => chunks.push(chunk));
      stream.on('end', () => {
        const { mailFrom, rcptTo } = session.envelope;
        received.push({
          from: mailFrom ? mailFrom.address : '',
          to: rcptTo.map(({ address }) => address),
          isEncrypted: session.secure === true,
          user: session.user as string | undefined,
          ...parseMail(Buffer.concat(chunks).toString('latin1')),
        });
        done();
      });
    },
    ...options,
  });
  // A client that gives up in the middle is no fault of the test.
  server.on('error', () => {});
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.server.address() as AddressInfo;
  return {
    port,
    url: `smtp://127.0.0.1:${port}`,
    received,
    stop: () => new Promise((resolve) => server.close(() => resolve())),
  };
}

/** The setting smtp_url, as it is parsed. */
export const mailServerAt = (url: string) => parseMailServer(url);

/** Reads a message of two alternatives. RFC 2045, RFC 2046 */
export function parseMail(raw: string) {
  const { headers, body } = partOf(raw);
  const boundary = /boundary="([^"]+)"/.exec(headerIn(headers, 'content-type') ?? '')?.[1] ?? '';
  const parts = body
    .split(`--${boundary}`)
    .slice(1, -1)
    .map((part) => partOf(part.replace(/^\r\n/, '')));
  const contentOf = (type: string) => {
    const part = parts.find((one) => headerIn(one.headers, 'content-type')?.startsWith(type));
    return part ? decode(part.body, headerIn(part.headers, 'content-transfer-encoding') ?? '') : '';
  };
  return {
    raw,
    header: (name: string) => headerIn(headers, name),
    text: contentOf('text/plain'),
    html: contentOf('text/html'),
  };
}

function partOf(raw: string): { headers: string; body: string } {
  const end = raw.indexOf('\r\n\r\n');
  return { headers: raw.slice(0, end).replace(/\r\n[ \t]+/g, ' '), body: raw.slice(end + 4) };
}

function headerIn(headers: string, name: string): string | undefined {
  const line = headers.split('\r\n').find((one) => one.toLowerCase().startsWith(`${name.toLowerCase()}:`));
  return line && decodeWords(line.slice(name.length + 1).trim());
}

/** RFC 2047 */
function decodeWords(text: string): string {
  return text
    .replace(/\?=\s+=\?/g, '?==?')
    .replace(/=\?UTF-8\?([QB])\?([^?]*)\?=/gi, (_, encoding: string, word: string) =>
      encoding.toUpperCase() === 'B'
        ? decode(word, 'base64')
        : decode(word.replaceAll('_', '=20'), 'quoted-printable'),
    );
}

function decode(body: string, encoding: string): string {
  if (encoding === 'base64') return Buffer.from(body, 'base64').toString('utf8');
  if (encoding !== 'quoted-printable') return body;
  const bytes = body
    .replace(/=\r\n/g, '')
    .replace(/=([0-9A-F]{2})/g, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)));
  return Buffer.from(bytes, 'latin1').toString('utf8');
}

/** The settings smtp_url and mail_from. */
import { isLoopback } from '../lib/ip-address-checks.ts';

/** Where mail is handed over. RFC 6409 (submission), RFC 8314 */
export interface MailServer {
  /** Without the brackets of an IPv6 address. */
  readonly host: string;
  readonly port: number;
  /** smtps: TLS from the first byte. Without it the conversation begins in clear text, and STARTTLS follows. */
  readonly isTlsFromStart: boolean;
  /** The host is this machine: STARTTLS is then no must, and no certificate is asked for after it. */
  readonly isLoopback: boolean;
  readonly user: string | undefined;
  readonly password: string | undefined;
}

export interface Mailbox {
  /** '' where only the address was written. */
  readonly name: string;
  readonly address: string;
}

/** RFC 6409 §3.1, RFC 8314 §3.3 */
const PORTS = { 'smtp:': 587, 'smtps:': 465 } as const;

const FORM =
  'must be a mail server, such as smtps://mail.example.com, or smtp:// and its host; with USER:PASSWORD@ before the host if ' +
  'it wants a login (other characters than letters, digits and . _ ~ - encoded: @ is %40), and :PORT after it if that is ' +
  'another than 465 or 587';

/** Throws an Error whose message repeats nothing of the text, which holds a password. */
export function parseMailServer(text: string): MailServer {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url?.protocol !== 'smtp:' && url?.protocol !== 'smtps:') throw new Error(FORM);
  const isBare = ['', '/'].includes(url.pathname) && !/[?#]/.test(text);
  if (!isBare || url.hostname === '' || (url.username === '') !== (url.password === ''))
    throw new Error(FORM);
  const host = url.hostname.replace(/^\[(.*)\]$/, '$1').toLowerCase();
  return {
    host,
    port: Number(url.port) || PORTS[url.protocol],
    isTlsFromStart: url.protocol === 'smtps:',
    isLoopback: host === 'localhost' || isLoopback(host),
    user: decoded(url.username),
    password: decoded(url.password),
  };
}

function decoded(text: string): string | undefined {
  if (text === '') return undefined;
  try {
    return decodeURIComponent(text);
  } catch {
    throw new Error(FORM);
  }
}

/** RFC 5321 §4.1.2 (Dot-string) and host names, which may be in other scripts (RFC 6531). */
const ADDRESS = /^[^\s@<>()[\]\\,;:"\p{C}]+@[^\s@<>()[\]\\,;:"\p{C}]+$/u;
const LONGEST = 254;

/** `id@example.com`, or `Example <id@example.com>`. Throws where it is neither. */
export function parseMailbox(text: string): Mailbox {
  const open = text.endsWith('>') ? text.indexOf('<') : -1;
  const name = open < 0 ? '' : text.slice(0, open).trim();
  const address = open < 0 ? text.trim() : text.slice(open + 1, -1);
  if (!ADDRESS.test(address) || text.length > LONGEST || /["<>\p{C}]/u.test(name))
    throw new Error(
      `"${text}" is not an address, such as id@example.com, or a name with one, such as Example <id@example.com>`,
    );
  return { name, address };
}

/** One conversation with the mail server of the settings, in bounded time. RFC 5321, RFC 3207 (STARTTLS), RFC 4954 (AUTH) */
import { rootCertificates } from 'node:tls';
import type SMTPConnection from 'nodemailer/lib/smtp-connection';
import type { MailServer } from '../config/parse-mail-settings.ts';
import { readPem } from '../config/read-pem.ts';
import type { Settings } from '../config/settings-schema.ts';
import { shownText } from '../lib/shorten-and-escape-text.ts';
import { within } from '../lib/time-limit.ts';

/** What is sent, and to whom: headers of the message name no further recipient. */
export interface Envelope {
  readonly from: string;
  readonly to: string;
}

export interface SmtpClient {
  /** Resolves when the server took the message. Throws {@link MailServerError}. */
  send(envelope: Envelope, message: Buffer): Promise<void>;
  /** Connects and logs in, as a delivery does; gives what was seen. Throws {@link MailServerError}. */
  probe(): Promise<Seen>;
}

export interface Seen {
  readonly isEncrypted: boolean;
  readonly isLoggedIn: boolean;
}

/** Why a mail was not taken. The message names no recipient. */
export class MailServerError extends Error {
  /** Whether no further attempt can succeed. */
  readonly isFinal: boolean;
  /** What the server said, undefined where it said nothing. */
  readonly answer: string | undefined;

  constructor(
    message: string,
    { isFinal = false, answer }: { isFinal?: boolean; answer?: string | undefined } = {},
  ) {
    super(message);
    this.isFinal = isFinal;
    this.answer = answer;
  }
}

/** The wait for the answer to QUIT: the message is taken already. */
const QUIT_MS = 1000;
const LONGEST_ANSWER_BYTES = 4096;

/** `limitMs` is the time for a whole conversation: after it the socket is closed. Throws ConfigurationError for outbound_ca. */
export function createSmtpClient(
  settings: Pick<Settings, 'issuer' | 'outbound_ca'>,
  server: MailServer,
  limitMs: number,
): SmtpClient {
  const options = optionsFor(settings, server, limitMs);
  async function converse<Result>(recipient: string, act: (connection: SMTPConnection) => Promise<Result>) {
    // Loaded with the first conversation: a command that delivers nothing need not wait for it.
    const { default: Connection } = await import('nodemailer/lib/smtp-connection');
    try {
      return await inTime(new Connection(options), limitMs, async (connection) => {
        await called((done) => connection.connect(done));
        const { user, password: pass } = server;
        if (user !== undefined) await called((done) => connection.login({ user, pass }, done));
        return act(connection);
      });
    } catch (error) {
      throw explained(error as SmtpError, recipient);
    }
  }
  return {
    send: (envelope, message) =>
      converse(envelope.to, (connection) =>
        called((done) => connection.send({ ...envelope }, message, done)),
      ),
    probe: () =>
      converse('', async ({ secure, authenticated }) => ({ isEncrypted: secure, isLoggedIn: authenticated })),
  };
}

function optionsFor(
  { issuer, outbound_ca }: Pick<Settings, 'issuer' | 'outbound_ca'>,
  { host, port, isTlsFromStart, isLoopback }: MailServer,
  limitMs: number,
) {
  const ca =
    outbound_ca === undefined ? undefined : [...rootCertificates, readPem('outbound_ca', outbound_ca)];
  return {
    host,
    port,
    name: new URL(issuer).hostname,
    secure: isTlsFromStart,
    requireTLS: !isTlsFromStart && !isLoopback,
    tls: {
      ca,
      minVersion: 'TLSv1.2',
      // To this machine itself clear text is accepted too, so a certificate that nobody signed takes nothing away.
      rejectUnauthorized: isTlsFromStart || !isLoopback,
    },
    connectionTimeout: limitMs,
    greetingTimeout: limitMs,
    dnsTimeout: limitMs,
    socketTimeout: limitMs,
    socketCloseTimeout: 0,
    maxResponseSize: LONGEST_ANSWER_BYTES,
  } as const;
}

/** The promise of a function that takes a callback. */
function called(start: (done: (error?: Error | null) => void) => void): Promise<void> {
  return new Promise((resolve, reject) => start((error) => (error ? reject(error) : resolve())));
}

/** Ends the conversation when `act` has ended or failed, when the server ends it, and after `limitMs`. */
async function inTime<Result>(
  connection: SMTPConnection,
  limitMs: number,
  act: (connection: SMTPConnection) => Promise<Result>,
): Promise<Result> {
  const conversation = new Promise<Result>((resolve, reject) => {
    connection.on('error', reject);
    connection.on('end', () => reject(new Error('the connection was closed')));
    act(connection).then(resolve, reject);
  });
  try {
    const result = await within(limitMs, conversation, () => {
      throw new Error(`no answer within ${limitMs} ms`);
    });
    connection.quit();
    setTimeout(() => connection.close(), QUIT_MS).unref();
    return result;
  } catch (error) {
    connection.close();
    throw error;
  }
}

interface SmtpError extends Error {
  readonly code?: string;
  readonly command?: string;
  readonly response?: string;
  readonly responseCode?: number;
}

/** RFC 5321 §4.2.1: 4xx may succeed later. What the server has against us (login, sender) the operator can mend. */
function explained(error: SmtpError, recipient: string): MailServerError {
  const { code = '', command = '', response, responseCode } = error;
  const isOfMessage = ['EENVELOPE', 'EMESSAGE'].includes(code) && command !== 'MAIL FROM';
  const isFinal = isOfMessage && (responseCode === undefined || responseCode >= 500);
  const without = (text: string) =>
    shownText(recipient === '' ? text : text.replaceAll(recipient, '(recipient)'));
  if (responseCode === undefined)
    return new MailServerError(`mail server: ${without(error.message)}`, { isFinal });
  const step = command === 'CONN' ? 'the connection' : command;
  const answer = response && without(response);
  return new MailServerError(`the mail server answered ${responseCode} to ${step}`, { isFinal, answer });
}

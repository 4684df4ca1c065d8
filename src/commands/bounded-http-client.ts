/** Sends requests to a server as an app does: time and size are bounded, and every answer is validated. */
import { request as httpRequest, type IncomingHttpHeaders, type IncomingMessage } from 'node:http';
import { request as httpsRequest } from 'node:https';
import { rootCertificates } from 'node:tls';
import type { z } from 'zod';
import { readPem } from '../config/read-pem.ts';
import type { Settings } from '../config/settings-schema.ts';
import { parseJson } from '../lib/parse-untrusted-json.ts';
import { faultWords } from '../lib/zod-messages.ts';
import { shown } from './print.ts';

const LIMIT_MS = 10_000;
const MOST_BYTES = 1024 * 1024;
const LONGEST_SHOWN = 60;

export interface Question {
  readonly method?: 'GET' | 'POST';
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
  /** PEM text of authorities that are trusted in addition. */
  readonly authority?: string | undefined;
  /** The URL has the address of this machine, which no certificate names, so that the certificate is not checked. */
  readonly isHere?: boolean;
  readonly limitMs?: number;
  /** A body that does not end in time is read as an empty text. */
  readonly mayLackText?: boolean;
}

export interface Answer {
  readonly url: string;
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly text: string;
}

/** There was no answer, or an unexpected one; the message says what was seen, and at which URL. */
export class AnswerError extends Error {}

/** The authority that outbound fetches trust beside those of Node. Throws ConfigurationError where it cannot be read. */
export function authorityOf({ outbound_ca }: Pick<Settings, 'outbound_ca'>): string | undefined {
  return outbound_ca === undefined ? undefined : readPem('outbound_ca', outbound_ca);
}

/** Follows no redirect. Throws {@link AnswerError} where there is no answer. */
export function ask(url: string, question: Question = {}): Promise<Answer> {
  const { method = 'GET', headers = {}, body, authority, isHere = false, limitMs = LIMIT_MS } = question;
  const send = url.startsWith('https:') ? httpsRequest : httpRequest;
  const ca = authority === undefined ? undefined : [...rootCertificates, authority];
  return new Promise<Answer>((resolve, reject) => {
    const signal = AbortSignal.timeout(limitMs);
    const sent = send(url, { method, headers, ca, signal, agent: false, rejectUnauthorized: !isHere });
    sent.on('error', reject);
    sent.once('upgrade', (_response, socket) => {
      socket.destroy();
      reject(new Error('it answers 101 and changes the protocol'));
    });
    sent.once('response', (response) => {
      const { statusCode: status = 0, headers: received } = response;
      const answered = (text: string) => resolve({ url, status, headers: received, text });
      const cutOff = question.mayLackText ? () => answered('') : reject;
      sent.off('error', reject).on('error', cutOff);
      readText(response).then(answered, cutOff);
    });
    sent.end(body);
  }).catch((error: NodeJS.ErrnoException) => {
    throw new AnswerError(`${url} does not answer: ${whyNot(error, limitMs)}`);
  });
}

async function readText(response: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of response) {
    bytes += (chunk as Buffer).length;
    if (bytes > MOST_BYTES) throw new Error(`it sends more than ${MOST_BYTES} bytes`);
    chunks.push(chunk as Buffer);
  }
  return Buffer.concat(chunks).toString('utf8');
}

const CAUSES: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'nothing listens there',
  ECONNRESET: 'the connection was reset',
  ENOTFOUND: 'the name is not in the DNS',
  EAI_AGAIN: 'the name server does not answer',
  EPROTO: 'it does not speak TLS there',
  CERT_HAS_EXPIRED: 'its certificate has expired by the clock of this machine',
  CERT_NOT_YET_VALID: 'its certificate is not valid yet by the clock of this machine',
  ERR_TLS_CERT_ALTNAME_INVALID: 'its certificate is for another name',
  DEPTH_ZERO_SELF_SIGNED_CERT: 'nobody vouches for its certificate; name its authority in outbound_ca',
  SELF_SIGNED_CERT_IN_CHAIN: 'its authority is not trusted here; name it in outbound_ca',
  UNABLE_TO_VERIFY_LEAF_SIGNATURE:
    'its certificate comes without the chain up to a known authority; serve the whole chain, or name the authority in outbound_ca',
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: 'its authority is not trusted here; name it in outbound_ca',
};

function whyNot({ code = '', message }: NodeJS.ErrnoException, limitMs: number): string {
  if (code === 'ABORT_ERR') return `no answer within ${limitMs / 1000} s (${code})`;
  const cause = CAUSES[code];
  return cause === undefined ? shown(message || code) : `${cause} (${code})`;
}

/** The JSON of an answer with status 200, by the schema. Throws {@link AnswerError}. */
export function readAnswer<Schema extends z.ZodType>(answer: Answer, schema: Schema): z.output<Schema> {
  const { url, status, headers } = answer;
  if (headers.location !== undefined && status >= 300 && status < 400)
    throw new AnswerError(`${url} answers ${status} and leads to ${shown(headers.location)}`);
  if (status !== 200) throw new AnswerError(`${url} answers ${status}`);
  return readMembers(answer, schema);
}

/** As {@link readAnswer}, whatever the status. */
export function readMembers<Schema extends z.ZodType>(answer: Answer, schema: Schema): z.output<Schema> {
  const value = parse(answer);
  const outcome = schema.safeParse(value, { error: faultWords(value) });
  if (outcome.success) return outcome.data;
  const [issue] = outcome.error.issues;
  const member = issue?.path.join('.') || 'the whole';
  throw new AnswerError(
    `${answer.url} answers ${beginningOf(answer.text)}, in which ${member} ${shown(issue?.message)}`,
  );
}

function parse(answer: Answer): unknown {
  try {
    return parseJson(answer.text);
  } catch {
    const type = shown(answer.headers['content-type'] ?? 'no content type');
    throw new AnswerError(`${answer.url} answers no JSON, but ${beginningOf(answer.text)} (${type})`);
  }
}

function beginningOf(text: string): string {
  const line = text.trim().replace(/\s+/g, ' ');
  if (line === '') return 'nothing';
  return shown(line.length > LONGEST_SHOWN ? `${line.slice(0, LONGEST_SHOWN)}…` : line);
}

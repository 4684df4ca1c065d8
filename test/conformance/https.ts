/** fetch over https that trusts one more certificate. */
import { request } from 'node:https';
import type { Outgoing } from '../support/user-agent.ts';

export type SecureSend = (
  url: string,
  init?: Omit<Outgoing, 'body'> & { readonly body?: URLSearchParams | string },
) => Promise<Response>;

const NO_BODY = [204, 304];

export function createSecureSend(ca: string): SecureSend {
  return (url, { method = 'GET', headers = {}, body } = {}) =>
    new Promise((resolve, reject) => {
      const form =
        body instanceof URLSearchParams ? { 'content-type': 'application/x-www-form-urlencoded' } : {};
      const text = body === undefined ? undefined : String(body);
      const length = text === undefined ? {} : { 'content-length': String(Buffer.byteLength(text)) };
      const sent = request(url, { method, headers: { ...form, ...length, ...headers }, ca }, (answer) => {
        const chunks: Buffer[] = [];
        answer.on('data', (chunk: Buffer) => chunks.push(chunk));
        answer.once('error', reject);
        answer.once('end', () => {
          const status = answer.statusCode ?? 0;
          const received = NO_BODY.includes(status) ? null : Buffer.concat(chunks);
          resolve(new Response(received, { status, headers: headersOf(answer.rawHeaders) }));
        });
      });
      sent.once('error', reject).end(text);
    });
}

function headersOf(raw: readonly string[]): Headers {
  const headers = new Headers();
  for (let index = 0; index < raw.length; index += 2) headers.append(raw[index] ?? '', raw[index + 1] ?? '');
  return headers;
}

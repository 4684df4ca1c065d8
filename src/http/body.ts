/** What is so for every body, whatever it holds: its type, its coding, its characters. RFC 9110 §8.3, §8.4 */
import type { FastifyInstance } from 'fastify';
import { OAuthError } from '../oauth/errors.ts';

const LONGEST_SHOWN = 40;

export interface Body {
  readonly bytes: Buffer;
  /** The charset that was said, where it is not UTF-8. */
  readonly otherCharset: string | undefined;
}

/** Takes bodies of one type; anything else is 415. */
export function acceptBodies(app: FastifyInstance, type: string, parse: (body: Body) => unknown): void {
  app.removeAllContentTypeParsers();
  app.addContentTypeParser(type, { parseAs: 'buffer' }, ({ headers }, bytes, done) => {
    try {
      refuseCoded(headers['content-encoding']);
      done(null, parse({ bytes: bytes as Buffer, otherCharset: otherCharset(headers['content-type']) }));
    } catch (error) {
      done(error as Error);
    }
  });
}

/** 415: what is sent in another charset than it may be. */
export function wrongCharset(charset: string): OAuthError {
  const description = `the body is said to be in charset ${charset}; send it as UTF-8`;
  return new OAuthError('invalid_request', 'wrong_charset', description, { status: 415 });
}

function refuseCoded(coding: string | undefined): void {
  if (coding === undefined || coding.trim().toLowerCase() === 'identity') return;
  const description = `the body is sent with Content-Encoding ${coding.slice(0, LONGEST_SHOWN)}; send it as it is, without one`;
  throw new OAuthError('invalid_request', 'encoded_body', description, { status: 415 });
}

/** Every charset parameter counts: of two that differ one is another. */
function otherCharset(contentType = ''): string | undefined {
  for (const parameter of contentType.split(';').slice(1)) {
    const [name = '', value = ''] = parameter.split('=', 2);
    if (name.trim().toLowerCase() !== 'charset') continue;
    const charset = value.trim().replace(/^"(.*)"$/, '$1');
    if (!/^utf-?8$/i.test(charset)) return charset.slice(0, LONGEST_SHOWN);
  }
  return undefined;
}

/** Whether a POST comes from a form of ours, and what is said where it does not. ASVS V3.5.1 */
import type { FastifyRequest } from 'fastify';
import { describe, expect, it } from 'vitest';
import { type CsrfBinding, createCsrf } from '../../../src/http/csrf.ts';
import { checkForm, checkOwnForm } from '../../../src/http/pages/check-own-form.ts';
import type { PageTools } from '../../../src/http/pages/tools-given-to-pages.ts';
import { PASSED } from '../../../src/lib/outcome.ts';
import { OAuthError } from '../../../src/oauth/errors.ts';

const settings = {
  masterKey: Buffer.alloc(32, 7),
  issuer: 'https://id.example.com/tenant',
  trusted_proxies: [],
};
const csrf = createCsrf(settings);

type Cookies = Partial<Record<'browser' | 'session', string>>;
const BOTH: Cookies = { browser: 'b', session: 's' };

/** What is noted and thrown for a form that was shown under `shown` and comes with the cookies. */
function submit(
  cookies: Cookies,
  shown: Partial<CsrfBinding> | undefined,
  headers: Record<string, string> = {},
) {
  const noted: object[] = [];
  const tools = {
    settings,
    csrf,
    cookies: { read: (_request: unknown, name: keyof Cookies) => cookies[name] },
    audit: { refused: (event: object) => noted.push(event) },
  } as unknown as PageTools;
  const raw = { socket: { remoteAddress: '192.0.2.1' } };
  const request = { id: 'r', raw, headers: { 'user-agent': 'A', ...headers } } as unknown as FastifyRequest;
  const binding = { browser: 'b', session: 's', purpose: 'consent 1', ...shown };
  const fields: Record<string, string> = shown === undefined ? {} : { csrf: csrf.tokenFor(binding) };
  const fault = checkOwnForm(tools, request, fields, 'consent 1');
  let thrown: unknown;
  try {
    checkForm(tools, request, fields, 'consent 1');
  } catch (error) {
    thrown = error;
  }
  return { fault, noted, thrown: thrown as OAuthError | undefined };
}

describe('a form', () => {
  it('L11 that we showed to this browser is accepted, without an audit event', () => {
    expect(submit(BOTH, {})).toEqual({ fault: PASSED, noted: [], thrown: undefined });
    expect(submit({ browser: 'b' }, { session: '' }).thrown).toBeUndefined();
  });

  it.each<[string, string, Cookies, Partial<CsrfBinding> | undefined]>([
    ['without the browser’s cookie', 'missing_browser_cookie', { session: 's' }, {}],
    ['without it, shown to no browser', 'missing_browser_cookie', {}, { browser: '', session: '' }],
    ['shown in another session', 'other_session', BOTH, { session: 't' }],
    ['shown before somebody signed in', 'other_session', BOTH, { session: '' }],
    ['shown before somebody signed out', 'other_session', { browser: 'b' }, {}],
    ['shown to another browser', 'csrf', BOTH, { browser: 'c' }],
    ['shown for another purpose', 'csrf', BOTH, { purpose: 'consent 2' }],
    ['without a token', 'csrf', BOTH, undefined],
  ])('L11 %s is refused as %s, with an audit event', (_what, reason, cookies, shown) => {
    const { fault, noted, thrown } = submit(cookies, shown);
    const source = { address: '192.0.2.1', userAgent: 'A', requestId: 'r' };
    expect(noted).toEqual([{ type: 'form.refused', reason, source }]);
    for (const error of [fault, thrown]) {
      expect(error).toBeInstanceOf(OAuthError);
      expect(error).toMatchObject({ error: 'invalid_request', reason, status: 403 });
    }
  });

  it('A058 from another site is refused although its token is right', () => {
    expect(submit(BOTH, {}, { 'sec-fetch-site': 'cross-site' }).thrown?.reason).toBe('csrf');
    expect(submit(BOTH, {}, { origin: 'https://evil.example' }).thrown?.reason).toBe('csrf');
  });

  it('of a page that was opened at another address is refused with the address of this server', () => {
    const host = '192.0.2.1:8443';
    const { thrown, noted } = submit(BOTH, {}, { host, origin: `https://${host}` });
    expect(thrown).toMatchObject({ error: 'invalid_request', reason: 'other_address', status: 403 });
    expect(thrown?.message).toContain(`https://${host}`);
    expect(thrown?.message).toContain('https://id.example.com');
    expect(noted).toMatchObject([{ reason: 'csrf' }]);
  });

  it('has at most 256 characters of the other address in its refusal', () => {
    const host = `${'a'.repeat(63)}.`.repeat(5);
    const { thrown } = submit(BOTH, {}, { host, origin: `https://${host}` });
    expect(thrown?.message).toContain(`https://${host}`.slice(0, 256));
    expect(thrown?.message).not.toContain(`https://${host}`.slice(0, 257));
  });
});

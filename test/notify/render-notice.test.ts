/** The words of a notice: in six languages, and whatever people, apps and browsers are called. */
import { describe, expect, it } from 'vitest';
import { languages } from '../../src/config/built-in-page-languages.ts';
import { createNoticeRenderer } from '../../src/notify/render-notice.ts';
import { advicePages, type SecurityNotice, securityNotices } from '../../src/notify/security-notices.ts';
import type { MailedNotice } from '../../src/notify/write-notices.ts';

const issuer = 'https://id.example.com/tenant';
const render = createNoticeRenderer(issuer);
const notices = Object.keys(securityNotices) as SecurityNotice[];
const mailed = (more: Partial<MailedNotice> = {}): MailedNotice => ({
  id: 'id',
  sub: 'sub',
  to: 'alice@example.com',
  notice: 'new_browser',
  at: Date.UTC(2026, 10, 20, 9, 30),
  username: 'alice',
  language: 'en',
  ...more,
});

describe.each(languages.map(({ tag }) => tag))('in %s', (language) => {
  it.each(notices)('%s has a subject, a text and an advice, and leads to our own pages alone', (notice) => {
    const { subject, text, html } = render(
      mailed({ notice, language, client_name: 'Album', address: '192.0.2.1' }),
    );
    expect(subject).toMatch(/^.{5,80} \(id\.example\.com\)$/u);
    expect(html).toContain(`<html lang="${language}"`);
    expect(text).not.toMatch(/undefined|\[object|\n{4}|&\w+;|<%/);
    for (const said of [text, html]) {
      expect(said).toContain('192.0.2.1');
      const links = [...said.matchAll(/https?:[^\s"<]*/g)].map(([link]) => link);
      const page = advicePages[securityNotices[notice]];
      expect([...new Set(links)]).toEqual(page === undefined ? [] : [issuer + page]);
      expect(Buffer.byteLength(said)).toBeLessThan(8192);
    }
  });
});

it('says when it was, in the time zone that it names', () => {
  expect(render(mailed()).text).toContain('When: Nov 20, 2026, 9:30 AM UTC');
});

it('a language that is none of ours is English', () => {
  expect(render(mailed({ language: 'tlh' })).text).toContain('Somebody signed in');
});

describe('A077 names that attack a mail', () => {
  const hostile = [
    'a\r\nBcc: victim@example.com\r\n\r\nbody',
    '<script>alert(1)</script><img src=x onerror=alert(1)>',
    '"><a href="https://evil.example">click</a>',
    "<%= process.env.HOME %><%~ include('/login') %>{username}{{7*7}}",
    '\u202egnp.exe\u2066\u200f',
    'Your account is locked: https://evil.example/login or call www.evil.example',
    'x'.repeat(100_000),
  ];
  const userAgentOf = (name: string) => `${name}/1.0 (Windows NT 10.0)`;
  it.each(hostile.map((name) => [name.slice(0, 60), name] as const))('%j', (_shown, name) => {
    const all = mailed({
      notice: 'refresh_token_reused',
      username: name,
      client_name: name,
      user_agent: userAgentOf(name),
    });
    const { subject, text, html } = render(all);
    // No name is in a header.
    expect(subject).toBe(render(mailed({ notice: 'refresh_token_reused' })).subject);
    // Each name is one line of bounded length: the mail has no more lines than with plain names.
    const plain = render(mailed({ ...all, username: 'a', client_name: 'b', user_agent: userAgentOf('c') }));
    expect(text.split('\n').length).toBeLessThanOrEqual(plain.text.split('\n').length);
    expect(text.length).toBeLessThan(2000);
    expect(html.length).toBeLessThan(4000);
    expect(text).not.toMatch(/[\r\u202a-\u202e\u2066-\u2069\u200e\u200f]/);
    // Nothing that a mail program makes a link of, and no element but our own.
    expect(text).not.toContain('https://evil.example');
    expect(text).not.toMatch(/evil\.example/);
    expect(html).not.toMatch(/<script|<img|evil\.example/);
    expect([...html.matchAll(/<a /g)]).toHaveLength(1);
    expect(text + html).not.toContain(process.env.HOME ?? '/root');
    expect(html).not.toContain('type="password"');
  });
});

/** The settings smtp_url and mail_from. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { loadSettings } from '../../src/config/load-settings.ts';

const directory = mkdtempSync(join(tmpdir(), 'gatehouse-mail-settings-'));
afterAll(() => rmSync(directory, { recursive: true, force: true }));

const FROM = 'id@example.com';
const load = (environment: Record<string, string>) => loadSettings({ environment });
const serverOf = (url: string) => load({ GATEHOUSE_SMTP_URL: url, GATEHOUSE_MAIL_FROM: FROM }).smtp_url;

describe('smtp_url', () => {
  it.each([
    [
      'smtps://me:pw@mail.example.com',
      { host: 'mail.example.com', port: 465, isTlsFromStart: true, isLoopback: false },
    ],
    [
      'smtp://me:pw@mail.example.com',
      { port: 587, isTlsFromStart: false, isLoopback: false, user: 'me', password: 'pw' },
    ],
    ['smtp://mail.example.com:25/', { port: 25, user: undefined, password: undefined }],
    ['smtp://me%40example.com:a%3A%2F%25@h.example', { user: 'me@example.com', password: 'a:/%' }],
    ['smtp://localhost:1025', { host: 'localhost', port: 1025, isLoopback: true }],
    ['smtp://127.0.0.2', { isLoopback: true }],
    ['smtp://[::1]:1025', { host: '::1', isLoopback: true }],
    ['smtp://localhost.example.com', { isLoopback: false }],
    ['smtp://LOCALHOST', { host: 'localhost', isLoopback: true }],
  ])('%s', (url, expected) => {
    expect(serverOf(url)).toMatchObject(expected);
  });

  it.each([
    'mail.example.com:587',
    'https://me:hunter2hunter2@mail.example.com',
    'smtp://hunter2hunter2@mail.example.com',
    'smtp://:hunter2hunter2@mail.example.com',
    'smtp://me:hunter2hunter2@mail.example.com/path',
    'smtp://me:hunter2hunter2@mail.example.com?tls.rejectUnauthorized=false',
    'smtp://me:hunter2hunter2%zz@mail.example.com',
    'smtp://me:hunter2hunter2@mail.example.com:99999',
    'smtp://me:hunter2/hunter2@mail.example.com',
    'smtp://',
  ])('%s is refused, and what is said does not repeat it', (url) => {
    expect(() => serverOf(url)).toThrow(
      /smtp_url: must be a mail server, such as smtps:\/\/mail\.example\.com/,
    );
    expect(() => serverOf(url)).not.toThrow(/hunter2/);
  });

  it('may be in a file, as every secret', () => {
    const file = join(directory, 'smtp');
    writeFileSync(file, 'smtps://me:hunter2hunter2@mail.example.com\n', { mode: 0o600 });
    const settings = load({ GATEHOUSE_SMTP_URL_FILE: file, GATEHOUSE_MAIL_FROM: FROM });
    expect(settings.smtp_url).toMatchObject({ password: 'hunter2hunter2' });
    expect(settings.secretFiles).toContain(file);
  });

  it('with a password in gatehouse.yaml makes that a file with a secret', () => {
    const configFile = join(directory, 'gatehouse.yaml');
    writeFileSync(configFile, `smtp_url: smtps://me:pw@mail.example.com\nmail_from: ${FROM}\n`);
    expect(loadSettings({ configFile, environment: {} }).secretFiles).toContain(configFile);
  });

  it('needs mail_from', () => {
    expect(() => load({ GATEHOUSE_SMTP_URL: 'smtp://localhost' })).toThrow(
      /smtp_url needs mail_from beside it/,
    );
  });
});

describe('mail_from', () => {
  const mailboxOf = (text: string) => load({ GATEHOUSE_MAIL_FROM: text }).mail_from;
  it.each([
    ['id@example.com', { name: '', address: 'id@example.com' }],
    ['Example, Inc. <id@example.com>', { name: 'Example, Inc.', address: 'id@example.com' }],
    ['Büro <id@bücher.example>', { name: 'Büro', address: 'id@bücher.example' }],
  ])('%s', (text, expected) => {
    expect(mailboxOf(text)).toEqual(expected);
  });

  it.each([
    'id',
    'id@',
    'a@b@c.example',
    'id@example.com, other@example.com',
    'Name id@example.com',
    'Name <id@example.com',
    'Name <id@example.com>\r\nBcc: x@example.com',
    'Na\r\nBcc: x@example.com\r\nme <id@example.com>',
    '"Name" <id@example.com>',
    '<a@example.com> <id@example.com>',
    `${'a'.repeat(300)}@example.com`,
  ])('%j is refused', (text) => {
    expect(() => mailboxOf(text)).toThrow(/mail_from/);
  });
});

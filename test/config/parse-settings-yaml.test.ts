/** Whatever is wrong with what an operator wrote, no word of it is repeated: it may be the right secret, written wrong. */
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it, vi } from 'vitest';
import { loadSettings } from '../../src/config/load-settings.ts';
import { readPem } from '../../src/config/read-pem.ts';
import type { Settings } from '../../src/config/settings-schema.ts';
import { readUrl } from '../../src/storage/postgres/url.ts';

const directory = mkdtempSync(join(tmpdir(), 'gatehouse-text-'));
afterAll(() => rmSync(directory, { recursive: true, force: true }));

const SECRET = '7fhK2zQ9wXc4Vb8NmL3pR6tY1uI0oAsD5g';
const KEY = 'k'.repeat(44);
const MARK = Buffer.from([0xef, 0xbb, 0xbf]);
const utf16 = (text: string) => Buffer.from(`\ufeff${text}`, 'utf16le');
const latin1 = (text: string) => Buffer.from(text, 'latin1');

let files = 0;
function fileOf(content: string | Buffer): string {
  files += 1;
  const file = join(directory, `${files}`);
  writeFileSync(file, content, { mode: 0o600 });
  return file;
}

function load(content: string | Buffer, environment: Record<string, string> = {}): Settings {
  return loadSettings({
    configFile: fileOf(content),
    environment: { GATEHOUSE_MASTER_KEY: KEY, ...environment },
  });
}

function complaint(act: () => unknown): string {
  try {
    act();
  } catch (error) {
    return (error as Error).message;
  }
  throw new Error('nothing was said');
}

describe('gatehouse.yaml that is no YAML, or other YAML than was meant', () => {
  const QUOTATION = /between quotation marks, as in master_key: 'value'$/;

  it.each([
    [`master_key: *${SECRET}`, 'for a reference'],
    [`master_key: &${SECRET}`, 'for a reference'],
    [`master_key: &${SECRET} ${KEY}`, 'for a reference'],
    [`master_key: !${SECRET}`, 'for a tag'],
    [`master_key: !${SECRET} abc`, 'for a tag'],
    [`master_key: !!${SECRET} abc`, 'for a tag'],
    [`master_key: !<${SECRET}> abc`, 'for a tag'],
    [`master_key: ! !${SECRET}`, 'for a tag'],
    [`master_key: @${SECRET}`, 'a sign that YAML keeps'],
    [`master_key: \`${SECRET}`, 'a sign that YAML keeps'],
    [`master_key: %${SECRET}`, 'a sign that YAML keeps'],
    [`master_key: |${SECRET}`, 'a sign is missing or is one too many'],
    [`master_key: >${SECRET}`, 'a sign is missing or is one too many'],
    [`master_key: [${SECRET}`, 'a value above it has no end'],
    [`master_key: "x"${SECRET}`, 'a sign is missing or is one too many'],
    [`master_key: 'x'${SECRET}`, 'a sign is missing or is one too many'],
    [`master_key=${SECRET}`, 'a sign is missing or is one too many'],
    [`database: postgres://u:${SECRET}@h/db: x`, 'a sign is missing or is one too many'],
  ])('%s', (line, words) => {
    const warn = vi.spyOn(process, 'emitWarning').mockImplementation(() => {});
    const said = complaint(() => load(`listen: 127.0.0.1:4000\n${line}\nissuer: http://localhost:4000\n`));
    expect(said).toMatch(/ is not YAML: in line [23] /);
    expect(said).toContain(words);
    expect(said).toMatch(QUOTATION);
    expect(said).not.toContain(SECRET);
    expect(warn).not.toHaveBeenCalled();
    warn.mockRestore();
  });

  it.each([
    [`"\\${SECRET}": x`, 'write single ones'],
    [`listen: a\nlisten: ${SECRET}`, 'for the second time'],
    [`listen: a\n---\n${SECRET}: b`, 'a second document'],
    [`? [${SECRET}]\n: x`, 'a list or a group stands'],
    [`? [${SECRET}, *a]\n: x`, 'a list or a group stands'],
    [`%${SECRET}\n---\na: b`, 'begins with %'],
    [`scopes:\n\t${SECRET}: b`, 'write spaces'],
    [
      `scopes:\n  a: &a [x,x,x,x,x]\n  b: &b [${'*a,'.repeat(30)}]\n  c: &c [${'*b,'.repeat(30)}]\n  d: [*c,*c]`,
      'references make too much',
    ],
    [`${SECRET}\nlisten`, 'must be a list of'],
  ])('%j', (text, words) => {
    const said = complaint(() => load(text));
    expect(said).toContain(words);
    expect(said).not.toContain(SECRET);
  });

  it('a reference to what is there is good', () => {
    expect(load('scopes:\n  a: &a { sentence: Read }\n  b: *a').scopes.b?.sentence).toBe('Read');
  });
});

describe('a name that no setting has', () => {
  it.each([
    [`${SECRET}: master_key`, {}],
    [`${KEY.slice(0, 32)}: master_key`, {}],
    [`database postgres://u:${SECRET}@h/db: x`, {}],
    ['', { [`GATEHOUSE_MASTER_KEY:${SECRET}`]: '=' }],
  ])('is not shown where it is like none: %s %j', (yaml, environment) => {
    const warn = vi.spyOn(process, 'emitWarning').mockImplementation(() => {});
    const said = complaint(() => load(yaml, environment));
    expect(said).toMatch(/^unknown setting \(not shown: .*\) in (?:the environment|line 1 of \S+)/);
    expect(said).not.toMatch(new RegExp(`${SECRET}|k{32}`));
    expect(warn).not.toHaveBeenCalled();
    warn.mockRestore();
  });

  it('is shown with its line and the nearest one otherwise', () => {
    expect(complaint(() => load('# x\nisuer: a'))).toMatch(
      /^unknown setting isuer in line 2 of \S+; did you mean issuer\?$/,
    );
    expect(complaint(() => load('', { GATEHOUSE_ISUER: 'a' }))).toBe(
      'unknown setting GATEHOUSE_ISUER in the environment; did you mean GATEHOUSE_ISSUER?',
    );
  });
});

it.each([
  `issuer: postgres://u:${SECRET}@h/db`,
  `issuer: https://u:${SECRET}@id.example.com`,
  `issuer: ${SECRET}`,
  `registration: ${SECRET}`,
  `listen: ${SECRET}`,
  `listen: postgres://u:a/${SECRET}@h/db`,
  `outbound_allow: https://u:${SECRET}@h`,
  `audit_days: "${SECRET}="`,
])('a secret in the place of another value is not shown: %s', (line) => {
  const said = complaint(() => load(line));
  expect(said).toContain(`- ${line.split(':')[0]}`);
  expect(said).not.toContain(SECRET);
});

describe('bytes that are not UTF-8', () => {
  const yaml = `listen: 127.0.0.1:4100\nscopes: { reports: "Berichte f\u00fcr dich" }\n`;

  it.each([
    [
      'Latin-1',
      latin1(yaml),
      /is not UTF-8 in line 2, but perhaps ISO-8859-1 or Windows-1252; write it anew/,
    ],
    ['UTF-16', utf16(yaml), /is UTF-16LE; write it anew as UTF-8, such as by iconv -f UTF-16 -t UTF-8$/],
    ['UTF-16 of the other order', utf16(yaml).swap16(), /is UTF-16BE; /],
    ['UTF-16 without a mark', utf16(yaml).subarray(2), /holds NUL, as UTF-16 and binary data do; /],
  ])('in gatehouse.yaml are refused: %s', (_what, bytes, sentence) => {
    expect(complaint(() => load(bytes))).toMatch(sentence);
    expect(complaint(() => load(bytes))).not.toMatch(/Berichte|\ufffd/);
  });

  it('in the file of a secret and in one made in development are refused', () => {
    for (const bytes of [latin1(`${SECRET}\u00fc`), utf16(SECRET), Buffer.from(`${SECRET}\0`)]) {
      const environment = { GATEHOUSE_DATABASE_FILE: fileOf(bytes) };
      const said = complaint(() => loadSettings({ environment }));
      expect(said).toMatch(/_FILE names \S+, which (?:is not UTF-8|is UTF-16LE|holds NUL)/);
      expect(said).not.toContain(SECRET);
    }
    const data = join(directory, 'data');
    mkdirSync(data, { mode: 0o700 });
    writeFileSync(join(data, 'master.key'), utf16(SECRET), { mode: 0o600 });
    const environment = { GATEHOUSE_DATABASE: `sqlite:${data}/x.db` };
    expect(complaint(() => loadSettings({ environment }))).toMatch(/master\.key is UTF-16LE/);
  });

  it('are a master key all the same, as they always were: random bytes open what they sealed', () => {
    const bytes = Buffer.from(Array.from({ length: 48 }, (_, index) => (index * 37) % 256));
    const keyOf = (environment: Record<string, string>) => loadSettings({ environment }).masterKey;
    const key = keyOf({ GATEHOUSE_MASTER_KEY_FILE: fileOf(bytes) });
    expect(key).toEqual(keyOf({ GATEHOUSE_MASTER_KEY: bytes.toString('utf8') }));
    expect(key).not.toEqual(keyOf({ GATEHOUSE_MASTER_KEY_FILE: fileOf(bytes.subarray(1)) }));
  });

  it('in the environment are refused', () => {
    expect(complaint(() => load('', { GATEHOUSE_SCOPES: '{"a": "f\ufffdr"}' }))).toMatch(
      /^GATEHOUSE_SCOPES in the environment is not UTF-8, or was damaged before/,
    );
  });
});

it('a database in a file is one line; a key may have more', () => {
  const two = fileOf('sqlite:a.db\nsqlite:b.db\n');
  const environment = { GATEHOUSE_DATABASE_FILE: two };
  expect(complaint(() => load('', environment))).toMatch(/which has more than one line; write one alone$/);
  const key = fileOf(`${'a'.repeat(64)}\n${'b'.repeat(24)}\n`);
  expect(
    loadSettings({ environment: { GATEHOUSE_MASTER_KEY_FILE: key, GATEHOUSE_DATABASE: 'sqlite:x/y.db' } })
      .masterKey,
  ).toHaveLength(32);
});

it('a mark before UTF-8 is no part of what follows it', () => {
  const { scopes } = load(Buffer.concat([MARK, Buffer.from('scopes: { reports: "f\u00fcr" }\n')]));
  expect(scopes.reports?.sentence).toBe('f\u00fcr');
  const [plain, marked] = [KEY, Buffer.concat([MARK, Buffer.from(`${KEY}\r\n`)])].map(
    (content) =>
      loadSettings({
        environment: {
          GATEHOUSE_MASTER_KEY_FILE: fileOf(content),
          GATEHOUSE_DATABASE: 'sqlite:x/y.db',
        },
      }).masterKey,
  );
  expect(marked).toEqual(plain);
});

describe('PEM files', () => {
  const pem = () =>
    execFileSync('openssl', ['genpkey', '-algorithm', 'EC', '-pkeyopt', 'ec_paramgen_curve:P-256'], {
      encoding: 'utf8',
    });

  it('have a mark before UTF-8, and other text around the boundaries', () => {
    const text = pem();
    expect(readPem('tls_key', fileOf(Buffer.concat([MARK, Buffer.from(text)])))).toBe(text);
    const named = readPem('outbound_ca', fileOf(latin1(`Beh\u00f6rde\n${text}`)));
    expect(named.slice(named.indexOf('-----'))).toBe(text);
  });

  it('in UTF-16 or DER are called so, also those that the URL of the database names', () => {
    expect(complaint(() => readPem('tls_key', fileOf(utf16(pem()))))).toMatch(
      /^tls_key names \S+, which is UTF-16LE/,
    );
    expect(complaint(() => readPem('tls_cert', fileOf(Buffer.from([0x30, 0x82, 2, 1, 0]))))).toMatch(
      /which is DER or PKCS#12, and PEM is needed: openssl x509 -inform der/,
    );
    const file = fileOf(utf16(pem()));
    expect(complaint(() => readUrl(`postgres://h/db?sslrootcert=${file}`))).toBe(
      `sslrootcert in the database's URL names ${file}, which is UTF-16LE; ` +
        'write it anew as UTF-8, such as by iconv -f UTF-16 -t UTF-8',
    );
    const text = encodeURIComponent(`-----BEGIN PRIVATE KEY-----\n${SECRET}`);
    const said = complaint(() => readUrl(`postgres://h/db?sslkey=${text}&sslcert=x`));
    expect(said).not.toContain(SECRET);
  });
});

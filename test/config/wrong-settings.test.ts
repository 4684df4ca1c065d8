/** Whatever stands in the place of a setting's value, the sentence names the setting, what was seen and what to write. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { describeSettings } from '../../src/config/describe-settings.ts';
import { loadSettings } from '../../src/config/load-settings.ts';
import { readPem } from '../../src/config/read-pem.ts';
import { exampleOf } from '../../src/config/setting-examples.ts';

const directory = mkdtempSync(join(tmpdir(), 'gatehouse-wrong-'));
afterAll(() => rmSync(directory, { recursive: true, force: true }));

const names = describeSettings().map(({ name }) => name);
const secret = ['master_key', 'database', 'smtp_url'];

function load(yaml: string, environment: Record<string, string> = {}) {
  const configFile = join(directory, 'gatehouse.yaml');
  writeFileSync(configFile, `${yaml}\n`);
  return loadSettings({ configFile, environment: { GATEHOUSE_MASTER_KEY: 'k'.repeat(44), ...environment } });
}

/** What is said, or undefined where the value is taken. */
function complaint(yaml: string, environment?: Record<string, string>): string | undefined {
  try {
    load(yaml, environment);
    return undefined;
  } catch (error) {
    return (error as Error).message;
  }
}

/** YAML, and what is said to have been seen. */
const wrong: readonly [string, RegExp][] = [
  ['5', /and is (5|a number)\b|"5"/],
  ['-1', /and is (-1|a number)\b|"-1"/],
  ['.nan', /and is (NaN|a number)\b/],
  ['true', /and is true\b/],
  ['', /and is empty\b/],
  ['""', /and is ""|"" is not|not be empty|characters\. For|be a mail server/],
  ['two words', /"two words"|"two"|characters\. For|belong together|be a mail server/],
  ['[5]', /and is (a list|5)\b/],
  ['[]', /and is a list\b/],
  ['{ a: 1 }', /and is (a group of names|1)\b/],
];

/** Zod's own words are for those who wrote the schema. */
const ZODS = /Invalid|Unrecognized|expected|unexpected|undefined|\[object/;

describe.each(names)('%s', (name) => {
  it.each(wrong)('with %j', (yaml, seen) => {
    const environment = name === 'master_key' ? { GATEHOUSE_MASTER_KEY: undefined as never } : {};
    const said = complaint(`${name}: ${yaml}`, environment);
    if (said === undefined) return;
    expect(said).toMatch(new RegExp(`\\b${name}\\b`));
    expect(said).toMatch(seen);
    expect(said).toMatch(new RegExp(`For example ${name}: |such as|always there|write both`));
    expect(said).not.toMatch(ZODS);
    if (secret.includes(name)) expect(said).not.toMatch(/two|and is \d/);
  });

  it('has an example that is taken', () => {
    const pair = name === 'tls_cert' ? `${exampleOf('tls_key')}\n` : '';
    const others: Readonly<Record<string, string>> = { tls_key: 'tls_cert', smtp_url: 'mail_from' };
    const other = others[name] === undefined ? '' : `${exampleOf(others[name])}\n`;
    const unsafe = complaint(`${pair}${other}${exampleOf(name).replaceAll('`', '')}`);
    expect(unsafe ?? '').toBe('');
  });
});

describe('outbound_allow', () => {
  const taken = (text: string) => load(`outbound_allow: "${text}"`).outbound_allow;

  it('takes hosts, addresses and networks, and compares hosts as URLs have them', () => {
    const [host, international, , network] = taken('Intern.Example bücher.example ::1 10.0.0.0/8');
    expect([host, international]).toEqual(['intern.example', 'xn--bcher-kva.example']);
    expect(network?.[1]).toBe(8);
    expect(taken('[fd00::1]')[0]?.[1]).toBe(128);
  });

  it.each(['https://intern.example', 'intern.example:8443', '*.example', 'intern.example/x', '10/8', '7'])(
    'says that %s is neither a host nor addresses: it would never be compared, or mean others',
    (text) =>
      expect(() => taken(text)).toThrow(
        `- outbound_allow: "${text}" is neither a host, such as intern.example, nor an address or a network`,
      ),
  );
});

it.each(['10/8', '010.0.0.1', '127.1', '7'])(
  'trusted_proxies takes no %s, which means other addresses',
  (text) =>
    expect(() => load(`trusted_proxies: "${text}"`)).toThrow(
      `- trusted_proxies: "${text}" is neither an IP address nor a network such as 10.0.0.0/8`,
    ),
);

it.each([
  ['unfinished_profiles: yes', 'unfinished_profiles: must be true or false, and is "yes". For example'],
  ['unfinished_profiles: 1', 'unfinished_profiles: must be true or false, and is 1. For example'],
  ['scopes: { "a b": x }', 'scopes.a b: is no name of a scope: those have neither spaces nor'],
  ['claims: { "a b": {} }', 'claims.a b: is no name of a claim here: those are'],
  ['claims: { x: { to: y } }', 'claims.x: has to, which nothing here is named; there are from, in'],
  ['trusted_proxies: [10.0.0.1, 7]', 'trusted_proxies.1: must be a text, and is 7'],
  ['code_seconds: 99999999999999999999', 'code_seconds: must be at most 60, and is 100000000000000000000'],
])('%s', (yaml, sentence) => {
  const said = complaint(yaml);
  expect(said).toContain(sentence);
  expect(said?.match(/^- /gm)).toHaveLength(1);
});

it.each(['büro', 'b%C3%BCro', 'a%20b', 'a*', 'x:y', 'a(b)'])(
  'an issuer with the path /%s is refused',
  (path) => {
    const { href } = new URL(`https://id.example.com/${path}`);
    expect(complaint(`issuer: ${href}`)).toContain(
      `- issuer: "${href}" has a path of other characters than a-z A-Z 0-9 - . _ ~ /; write one of these alone`,
    );
  },
);

// Forms and redirects would go to the host "auth": RFC 3986 §4.2.
it.each(['//auth', '/a//b', '///a/b'])('an issuer with the path %s is refused', (path) => {
  const said = complaint(`issuer: https://id.example.com${path}`);
  expect(said).toContain(
    `- issuer: "https://id.example.com${path}" has two slashes in a row; write "https://id`,
  );
  expect(said).toContain(`.com${path.replaceAll(/\/+/g, '/')}"`);
});

it('JSON in the environment is looked into', () => {
  expect(complaint('', { GATEHOUSE_SCOPES: '{"a": 5}' })).toContain(
    'scopes.a: must be names with values, and is 5',
  );
});

it('a secret that is written where its file belongs is told to nobody', () => {
  for (const value of ['k'.repeat(44), `/${'k'.repeat(43)}`, 'postgres://u:very-secret@h/db']) {
    for (const name of ['GATEHOUSE_MASTER_KEY_FILE', 'GATEHOUSE_DATABASE_FILE']) {
      const load = () => loadSettings({ environment: { [name]: value } });
      expect(load).toThrow(/in no folder that is there/);
      expect(load).not.toThrow(value);
    }
  }
  const pem = '-----BEGIN EC PRIVATE KEY-----\nMHcCAQ\n-----END EC PRIVATE KEY-----\n';
  expect(() => readPem('tls_key', pem)).toThrow(/the text of a PEM itself/);
  expect(() => readPem('tls_key', pem)).not.toThrow(/MHcCAQ/);
});

it.each(['', ' '])('an empty variable that is to name a file is told to be empty: "%s"', (empty) => {
  const load = () => loadSettings({ environment: { GATEHOUSE_DATABASE_FILE: empty } });
  expect(load).toThrow(/^GATEHOUSE_DATABASE_FILE must not be empty: name the file/);
});

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { loadSettings } from '../../src/config/load-settings.ts';

const directory = mkdtempSync(join(tmpdir(), 'gatehouse-config-'));
afterAll(() => rmSync(directory, { recursive: true, force: true }));

const environment = { GATEHOUSE_DATABASE: `sqlite:${join(directory, 'gatehouse.db')}` };

function load(yaml: string) {
  const configFile = join(directory, 'gatehouse.yaml');
  writeFileSync(configFile, yaml);
  return loadSettings({ configFile, environment });
}

it('a scope is a sentence, as it was, or a sentence and claims', () => {
  const { scopes } = load('scopes: { reports: Read your reports }');
  expect(scopes.reports).toEqual({ sentence: 'Read your reports', claims: [], self_registration: false });
});

it('both settings are JSON in the environment', () => {
  const { scopes, claims } = loadSettings({
    environment: {
      ...environment,
      GATEHOUSE_SCOPES: '{"staff": {"sentence": "See your department", "claims": ["department"]}}',
      GATEHOUSE_CLAIMS: '{"department": {}}',
    },
  });
  expect(scopes.staff?.claims).toEqual(['department']);
  expect(claims).toEqual({ department: {} });
});

const refused: [string, RegExp][] = [
  ['claims: { sub: { from: attribute x } }', /claims\.sub: sub is the protocol's own/],
  ['claims: { acr: {} }', /claims\.acr: .* give the claim another name/],
  ['claims: { scope: {} }', /claims\.scope/],
  ['claims: { cnf: {} }', /claims\.cnf/],
  ['claims: { active: {} }', /claims\.active/],
  [
    'claims: { email: { from: attribute mail } }',
    /claims\.email\.from: email has its source; leave "from" out/,
  ],
  [
    'claims: { x: { from: department } }',
    /claims\.x\.from: write groups, roles, or .*"attribute department"/,
  ],
  ['claims: { x: { from: attribute sub } }', /claims\.x\.from: sub is the protocol's own/],
  ['claims: { x: { to: groups } }', /claims\.x: has to, which nothing here is named; there are from, in/],
  ['claims: { x: { in: [idtoken] } }', /claims\.x\.in/],
  ['claims: { x: {} }', /claims\.x: no scope gives it; write it under one, such as scopes/],
  ['scopes: { staff: { claims: [name] } }', /scopes\.staff: write the sentence/],
  [
    'scopes: { staff: { sentence: S, claims: [nickname, nam] } }',
    /scopes\.staff\.claims: nam .*did you mean name\?/,
  ],
  [
    'scopes: { staff: { sentence: S, claims: [dept] } }',
    /define it, such as claims: \{ dept: \{ from: attribute dept/,
  ],
  ['scopes: { profile: { claims: [sub] } }', /scopes\.profile\.claims: sub is the protocol's own/],
  ['scopes: text', /scopes/],
];

it.each(refused)('%s is refused, and the sentence names the setting and what to write', (yaml, sentence) => {
  expect(() => load(yaml)).toThrow(sentence);
});

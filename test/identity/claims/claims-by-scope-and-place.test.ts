import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { loadSettings } from '../../../src/config/load-settings.ts';
import { createClaimCatalogue } from '../../../src/identity/claims/claims-by-scope-and-place.ts';

const directory = mkdtempSync(join(tmpdir(), 'gatehouse-claims-'));
afterAll(() => rmSync(directory, { recursive: true, force: true }));

const environment = { GATEHOUSE_DATABASE: `sqlite:${join(directory, 'gatehouse.db')}` };

function load(yaml: string) {
  const configFile = join(directory, 'gatehouse.yaml');
  writeFileSync(configFile, yaml);
  return loadSettings({ configFile, environment });
}

it('a scope gives its standard claims and those that the operator wrote under it, each in its places', () => {
  const catalogue = createClaimCatalogue(
    load(
      `
scopes:
  staff: { sentence: See your department, claims: [department, name, cost] }
  profile: { claims: [memberOf] }
claims:
  department:
  memberOf: { from: groups }
  cost: { from: attribute costCentre, in: [access_token] }
`,
    ),
  );
  expect(catalogue.ofScope.get('staff')).toEqual(['department', 'name', 'cost']);
  expect(catalogue.ofScope.get('profile')).toContain('memberOf');
  expect(catalogue.ofScope.get('profile')).toContain('nickname');
  expect(catalogue.attributes).toEqual(['department', 'costCentre']);
  const placed = (place: 'id_token' | 'userinfo' | 'access_token', scope: string) =>
    catalogue.inPlace[place].get(scope)?.map(({ name }) => name);
  expect(placed('userinfo', 'staff')).toEqual(['department', 'name']);
  expect(placed('access_token', 'staff')).toEqual(['cost']);
  expect(placed('id_token', 'profile')).toEqual(['memberOf']);
  expect(placed('id_token', 'groups')).toEqual(['groups']);
  expect(placed('id_token', 'email')).toBeUndefined();
});

it('a scope has the claims that were written as JSON in the environment', () => {
  const settings = loadSettings({
    environment: {
      ...environment,
      GATEHOUSE_SCOPES: '{"staff": {"sentence": "See your department", "claims": ["department"]}}',
      GATEHOUSE_CLAIMS: '{"department": {}}',
    },
  });
  expect(createClaimCatalogue(settings).ofScope.get('staff')).toEqual(['department']);
});

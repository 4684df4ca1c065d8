import { expect, it } from 'vitest';
import { loadSettings } from '../../src/config/load-settings.ts';

const further = (written: string) =>
  loadSettings({ environment: { GATEHOUSE_FURTHER_SIGNING_ALGORITHMS: written } }).further_signing_algorithms;

it('further_signing_algorithms takes PS256 and EdDSA, and says what is there without it', () => {
  expect(further('')).toEqual([]);
  expect(further('EdDSA, PS256')).toEqual(['EdDSA', 'PS256']);
  for (const wrong of ['PS512', 'eddsa', 'none', 'RS256'])
    expect(() => further(`PS256 ${wrong}`)).toThrow(
      `"${wrong}" is not PS256 or EdDSA; ES256 and RS256 are always there`,
    );
});

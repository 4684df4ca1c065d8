import { encode } from 'uqr';
import { expect, it } from 'vitest';
import { authenticatorSetup, qrCodeOf } from '../../../src/oauth/page-models/authenticator-setup.ts';

const SEED = 'GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ';

it('the link names the host and the user; the QR code is that link, the key the same seed', () => {
  const setup = authenticatorSetup(SEED, { issuer: 'https://id.example.com/tenant', username: 'alice' });
  expect(setup.url).toContain('otpauth://totp/id.example.com:alice?');
  expect(setup.url).toContain(`secret=${SEED}`);
  expect(setup.key.replaceAll(' ', '')).toBe(SEED);
  expect(setup.qr).toEqual(qrCodeOf(setup.url));
});

it('the path of a QR code covers its dark modules and nothing else, with four light ones around', () => {
  const { size, path } = qrCodeOf('otpauth://totp/a:b?secret=AAAA');
  const { data } = encode('otpauth://totp/a:b?secret=AAAA', { ecc: 'M', border: 0 });
  expect(size).toBe(data.length + 8);
  const drawn = new Set([...path.matchAll(/M(\d+) (\d+)h1v1h-1z/g)].map(([, x, y]) => `${x} ${y}`));
  const dark = data.flatMap((row, y) => row.flatMap((is, x) => (is ? [`${x + 4} ${y + 4}`] : [])));
  expect(drawn).toEqual(new Set(dark));
  expect(path.replace(/M\d+ \d+h1v1h-1z/g, '')).toBe('');
});
